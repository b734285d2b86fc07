package windowshost

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// letGo lets go of hosts of which nothing has to be given back: those that nobody has touched, that are another
// WindowsHost's, that an administrator wants to be left as they are, or whose machine is gone.
type letGo struct {
	client      client.Client
	credentials Credentials
	drainer     Drainer
	turns       Turns
	metrics     Metrics
}

func (letGo) name() v1alpha1.HostStep { return v1alpha1.StepRemove }

func (s letGo) do(ctx context.Context, p *pass) (verdict, error) {
	if !controllerutil.ContainsFinalizer(p.host, v1alpha1.FinalizerHost) {
		p.gone = true
		return proceed(), nil
	}
	p.sayRemoving()
	if p.host.Annotations[v1alpha1.AnnotationOrphan] == "true" {
		p.event(p.host, corev1.EventTypeNormal, v1alpha1.ReasonOrphaned, "The host and its node are left as they are.")
		return proceed(), s.orphan(ctx, p)
	}
	other, err := elder(ctx, s.client, p.host, indexAddress, addressOf(p.host))
	if err != nil {
		return proceed(), err
	}
	if other != "" || !p.touched() && p.host.Status.Facts == nil {
		return proceed(), s.orphan(ctx, p)
	}
	return s.machineGone(ctx, p)
}

// orphan leaves the host and its node as they are, without anything that we would have to take back later: its
// credentials, our cordon, its turn, and that the node is ours.
func (s letGo) orphan(ctx context.Context, p *pass) error {
	if err := s.credentials.Revoke(ctx, p.host); err != nil {
		return err
	}
	node, err := getNode(ctx, s.client, p.nodeName())
	if err != nil {
		return err
	}
	if node != nil && node.Annotations[v1alpha1.AnnotationHost] == p.key().String() {
		if err := s.letNodeGo(ctx, p, node); err != nil {
			return err
		}
	}
	return dismissed(ctx, p, s.turns, s.metrics)
}

// letNodeGo takes what is ours off a node that stays, or goes without our doing.
func (s letGo) letNodeGo(ctx context.Context, p *pass, node *corev1.Node) error {
	leaves, err := s.machineLeaves(ctx, p.host)
	if err != nil {
		return err
	}
	if p.out() && !leaves {
		if err := s.drainer.Uncordon(ctx, node.Name); err != nil {
			return err
		}
	}
	return patchNode(ctx, s.client, node.Name, map[string]any{
		"annotations": map[string]*string{v1alpha1.AnnotationHost: nil},
		"labels":      map[string]*string{v1alpha1.LabelUpgrading: nil},
	})
}

// machineLeaves tells whether the host's machine is going, or gone, and its node with it: pods that came back to that would
// be lost. Where the machine API is not there, or not ours to read, nothing is known of that, and the host is let go.
func (s letGo) machineLeaves(ctx context.Context, host *v1alpha1.WindowsHost) (bool, error) {
	reference := host.Spec.Machine
	if reference == nil {
		return false, nil
	}
	machine, err := getMachine(ctx, s.client, reference)
	switch {
	case apierrors.IsForbidden(err), meta.IsNoMatchError(err):
		return false, nil
	case err != nil:
		return false, err
	}
	uid, known := host.Annotations[v1alpha1.AnnotationMachineUID]
	return machine == nil || !machine.GetDeletionTimestamp().IsZero() || known && string(machine.GetUID()) != uid, nil
}

// machineGone looks whether there is still a machine to be given back.
func (s letGo) machineGone(ctx context.Context, p *pass) (verdict, error) {
	reference := p.host.Spec.Machine
	if reference == nil {
		return proceed(), nil
	}
	machine, err := getMachine(ctx, s.client, reference)
	switch {
	case err != nil:
		return proceed(), err
	case machine != nil && machine.GetDeletionTimestamp().IsZero():
		return proceed(), nil
	case machine != nil:
		// Whoever deletes the machine drains its node. There is nothing to give back to nobody.
		return wait(v1alpha1.HostRemoving, v1alpha1.ReasonRemoving,
			fmt.Sprintf("Waits for its %s %s/%s to be gone.", reference.Kind, reference.Namespace, reference.Name), lookAgain), nil
	}
	if p.node, err = getNode(ctx, s.client, p.nodeName()); err != nil {
		return proceed(), err
	}
	if _, err := (forget{s.client, s.credentials, s.turns, s.metrics}).do(ctx, p); err != nil {
		return proceed(), err
	}
	return proceed(), dismissed(ctx, p, s.turns, s.metrics)
}

// reach is connect for a host that was deleted. One that has nothing of ours but the agent's program, which does nothing
// by itself, is not waited for.
type reach struct {
	connect
	turns   Turns
	metrics Metrics
}

func (s reach) do(ctx context.Context, p *pass) (verdict, error) {
	v, err := s.connect.do(ctx, p)
	if err != nil && !p.touched() {
		return proceed(), dismissed(ctx, p, s.turns, s.metrics)
	}
	return v, err
}

// remove decides whether a host that was deleted has to be taken out of service first.
type remove struct{ reader client.Reader }

func (remove) name() v1alpha1.HostStep { return v1alpha1.StepClaim }

func (s remove) do(ctx context.Context, p *pass) (verdict, error) {
	var err error
	if p.found.Policy, err = s.policy(ctx, p); err != nil {
		return proceed(), err
	}
	if p.touched() {
		p.need = v1alpha1.DisruptionRemove
	}
	return proceed(), nil
}

// policy is the one that the host lives under, or one without limits where it lives under none: how many may be out at once
// is for nobody to say then, but where its pods would go is asked all the same.
func (s remove) policy(ctx context.Context, p *pass) (*v1alpha1.WindowsBuildPolicy, error) {
	var policy v1alpha1.WindowsBuildPolicy
	if name := p.host.Status.Policy; name != "" {
		err := s.reader.Get(ctx, client.ObjectKey{Name: name}, &policy)
		if err == nil {
			return &policy, nil
		}
		if !apierrors.IsNotFound(err) {
			return nil, fmt.Errorf("reading policy %s: %w", name, err)
		}
		p.host.Status.Policy = ""
	}
	all := intstr.FromString("100%")
	return &v1alpha1.WindowsBuildPolicy{Spec: v1alpha1.WindowsBuildPolicySpec{
		Rollout: v1alpha1.RolloutPolicy{MaxUnavailable: &all},
	}}, nil
}

// dismiss ends the life of a WindowsHost: what keeps the object goes.
type dismiss struct {
	turns   Turns
	metrics Metrics
}

func (dismiss) name() v1alpha1.HostStep { return v1alpha1.StepRemove }

func (s dismiss) do(ctx context.Context, p *pass) (verdict, error) {
	return proceed(), dismissed(ctx, p, s.turns, s.metrics)
}

// dismissed removes the finalizer, after which there is nothing to write to.
func dismissed(ctx context.Context, p *pass, turns Turns, metrics Metrics) error {
	controllerutil.RemoveFinalizer(p.host, v1alpha1.FinalizerHost)
	if err := p.saveFinalizers(ctx, p.host); client.IgnoreNotFound(err) != nil {
		return err
	}
	p.gone = true
	turns.Give(p.key())
	metrics.Forget(p.host.UID)
	return nil
}

// sayRemoving says that the host does not serve any more, whatever comes of the attempt to give it back.
func (p *pass) sayRemoving() {
	p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonRemoving, "It was deleted.")
}
