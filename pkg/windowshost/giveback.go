package windowshost

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
)

// giveBack takes everything of ours off the host, and puts back what it replaced.
type giveBack struct{ cluster Cluster }

func (giveBack) name() v1alpha1.HostStep { return v1alpha1.StepRemove }

func (s giveBack) do(ctx context.Context, p *pass) (verdict, error) {
	cluster, err := s.cluster.Cluster(ctx)
	if err != nil {
		return proceed(), because(v1alpha1.ReasonClusterUnknown, fmt.Errorf("finding out which cluster this is: %w", err))
	}
	if err := p.announce(ctx, v1alpha1.HostRemoving, v1alpha1.StepRemove, "It is being given back."); err != nil {
		return proceed(), err
	}
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	var left leftBehind
	result, err := p.machine.Remove(ctx, cluster.UID, left.add)
	left.tell(p) // Whatever has become of the rest: of what is done nothing is said again.
	if err != nil {
		return proceed(), err
	}
	switch result.Outcome {
	case protocol.OutcomeDone:
		p.say(v1alpha1.HostConditionConfigured, metav1.ConditionFalse, v1alpha1.ReasonRemoving, "It was given back.")
		return proceed(), nil
	case protocol.OutcomeRebootRequired:
		p.rebootFor = rebootForRemoval
		return proceed(), nil
	default:
		return proceed(), outcomeError(result)
	}
}

// forget deletes the node of a host that was given back, ends its credentials, and gives its turn back. From then on the
// host is one that we know nothing of but where it is.
type forget struct {
	client      client.Client
	credentials Credentials
	turns       Turns
	metrics     Metrics
}

func (forget) name() v1alpha1.HostStep { return v1alpha1.StepRemove }

func (s forget) do(ctx context.Context, p *pass) (verdict, error) {
	if p.rebootFor != "" {
		return wait(v1alpha1.HostRemoving, v1alpha1.ReasonRebootPending, p.rebootFor, lookAgain), nil
	}
	if err := s.deleteNode(ctx, p); err != nil {
		return proceed(), err
	}
	if err := s.credentials.Revoke(ctx, p.host); err != nil {
		return proceed(), err
	}
	status := p.status()
	status.Node, status.Applied, status.Disruption, status.Plan, status.Reboots = nil, nil, nil, nil, nil
	p.node = nil
	p.say(v1alpha1.HostConditionJoined, metav1.ConditionFalse, v1alpha1.ReasonRemoving, "Its node was deleted.")
	p.afterwards = append(p.afterwards, func() { s.turns.Give(p.key()) })
	s.metrics.Forget(p.host.UID) // The certificate went with the node.
	return proceed(), nil
}

// deleteNode deletes the node, if it is still the one of this host.
func (s forget) deleteNode(ctx context.Context, p *pass) error {
	if p.node == nil || p.node.Annotations[v1alpha1.AnnotationHost] != p.key().String() {
		return nil
	}
	err := s.client.Delete(ctx, p.node, client.Preconditions{UID: &p.node.UID})
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("deleting node %s: %w", p.node.Name, err)
	}
	return nil
}
