package windowshost

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/drain"
)

// evacuate moves the pods off a host that has its turn.
type evacuate struct {
	client  client.Client
	api     client.Reader
	drainer Drainer
	turns   Turns
}

func (evacuate) name() v1alpha1.HostStep { return v1alpha1.StepDrain }

func (s evacuate) do(ctx context.Context, p *pass) (verdict, error) {
	turn := p.host.Status.Disruption
	if turn == nil || turn.Reason == v1alpha1.DisruptionJoin || p.node == nil {
		p.drainingIsOver("No pods are moved off it.")
		return proceed(), nil
	}
	if p.need == "" && !turn.Drained {
		p.drainingIsOver("What its pods had to go for is not wanted any more.")
		return proceed(), (yield{s.client, s.drainer, s.turns}).do(ctx, p)
	}
	if err := s.drainAgain(ctx, p, turn); err != nil {
		return proceed(), err
	}
	if err := s.cordon(ctx, p); err != nil || p.node == nil {
		return proceed(), err
	}
	if turn.Drained {
		return proceed(), nil
	}
	why, err := s.undrained(ctx, p)
	if err != nil {
		return proceed(), err
	}
	if why != "" {
		turn.Drained = true
		p.say(v1alpha1.HostConditionDraining, metav1.ConditionFalse, v1alpha1.ReasonNotDraining, why)
		return proceed(), nil
	}
	return s.drain(ctx, p, turn)
}

// drainAgain forgets that the pods are gone where somebody has let others on since, as long as there is something to come
// that would disrupt them. That is written before the node is cordoned again, by which it would be seen no more.
func (s evacuate) drainAgain(ctx context.Context, p *pass, turn *v1alpha1.HostDisruption) error {
	if !turn.Drained || p.need == "" || p.node.Spec.Unschedulable {
		return nil
	}
	// The cache may not have seen our own cordon yet.
	live, err := getNode(ctx, s.api, p.node.Name)
	if err != nil || live == nil || live.Spec.Unschedulable {
		return err
	}
	turn.Drained = false
	p.say(v1alpha1.HostConditionDraining, metav1.ConditionTrue, v1alpha1.ReasonNotYet,
		"Somebody has uncordoned its node: what runs there by now has to go again.") // Its time counts from here.
	return p.save(ctx, p.host)
}

// lostAfter is for how long a kubelet has not been heard of when Kubernetes itself gives up its pods.
// Source: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions
const lostAfter = 5 * time.Minute

// undrained is why the host goes without a drain; empty where it does not. Pods end by their kubelet: where that has gone
// they never would, and the host could not be mended.
func (s evacuate) undrained(ctx context.Context, p *pass) (string, error) {
	excluded, err := p.excludedFromDraining(ctx, s.client)
	if err != nil {
		return "", err
	}
	if excluded {
		return "Its Machine says that it is not to be drained.", nil
	}
	if nodeReady(p.node) {
		return "", nil
	}
	live, err := getNode(ctx, s.api, p.node.Name)
	if err != nil || live == nil {
		return "", err
	}
	if ready := readiness(live); ready.Status == corev1.ConditionTrue || !p.overdue(ready.LastTransitionTime.Time, lostAfter) {
		return "", nil
	}
	return "Its kubelet is not Ready for longer than Kubernetes waits for its pods, and cannot end them.", nil
}

// cordon keeps pods off the node, and says that it is being changed.
func (s evacuate) cordon(ctx context.Context, p *pass) error {
	turn := p.host.Status.Disruption
	byUs, err := s.drainer.Cordon(ctx, p.node.Name, "WindowsHost "+p.key().String()+": "+disruptionText(turn.Reason))
	if apierrors.IsNotFound(err) {
		p.node = nil
		return nil
	}
	if err != nil {
		return err
	}
	turn.CordonedByUs = byUs
	return markUpgrading(ctx, s.client, p.node, true)
}

func (s evacuate) drain(ctx context.Context, p *pass, turn *v1alpha1.HostDisruption) (verdict, error) {
	began := turn.Since.Time
	if c := findCondition(p, v1alpha1.HostConditionDraining); c != nil && c.Status == metav1.ConditionTrue && c.LastTransitionTime.After(began) {
		began = c.LastTransitionTime.Time
	}
	progress, err := s.drainer.Step(ctx, p.node.Name, p.drainOptions(began))
	if err != nil {
		return proceed(), err
	}
	message := sentence(progress.Message())
	switch {
	case progress.Done:
		turn.Drained = true
		p.say(v1alpha1.HostConditionDraining, metav1.ConditionFalse, v1alpha1.ReasonDrained, message)
		return proceed(), nil
	case progress.TimedOut:
		return s.giveUp(ctx, p, message)
	}
	reason := v1alpha1.ReasonNotYet
	if len(progress.Blocked) > 0 {
		reason = v1alpha1.ReasonDrainBlocked
	}
	p.say(v1alpha1.HostConditionDraining, metav1.ConditionTrue, reason, message)
	return wait(v1alpha1.HostDraining, reason, message, max(drainPause, progress.RetryAfter)), nil
}

// drainOptions are the policy's for a drain that began at a time.
func (p *pass) drainOptions(began time.Time) drain.Options {
	return drain.OptionsOf(&p.found.Policy.Spec.Rollout.Drain, began)
}

// giveUp gives the host its pods again after a drain that took too long.
func (s evacuate) giveUp(ctx context.Context, p *pass, message string) (verdict, error) {
	// The rest begins now, even if a process before has not come to say that it was drained.
	p.say(v1alpha1.HostConditionDraining, metav1.ConditionTrue, v1alpha1.ReasonDrainBlocked, message)
	p.say(v1alpha1.HostConditionDraining, metav1.ConditionFalse, v1alpha1.ReasonDrainBlocked, message)
	if err := (yield{s.client, s.drainer, s.turns}).do(ctx, p); err != nil {
		return proceed(), err
	}
	return proceed(), becausef(v1alpha1.ReasonDrainBlocked, "%s", message)
}

// drainingIsOver says why no pods are moved off the host, if it was last said that they are.
func (p *pass) drainingIsOver(why string) {
	if c := findCondition(p, v1alpha1.HostConditionDraining); c != nil && c.Status == metav1.ConditionTrue {
		p.say(v1alpha1.HostConditionDraining, metav1.ConditionFalse, v1alpha1.ReasonNotDraining, why)
	}
}

// markUpgrading sets or removes the label by which others know that a node is being changed.
func markUpgrading(ctx context.Context, c client.Client, node *corev1.Node, upgrading bool) error {
	if _, is := node.Labels[v1alpha1.LabelUpgrading]; is == upgrading {
		return nil
	}
	var value *string
	if upgrading {
		yes := "true"
		value = &yes
	}
	if err := patchNode(ctx, c, node.Name, map[string]any{"labels": map[string]*string{v1alpha1.LabelUpgrading: value}}); err != nil {
		return err
	}
	// Later steps of the pass go by it.
	if upgrading {
		metav1.SetMetaDataLabel(&node.ObjectMeta, v1alpha1.LabelUpgrading, *value)
	} else {
		delete(node.Labels, v1alpha1.LabelUpgrading)
	}
	return nil
}

// patchNode merges metadata into a node. A node that is gone needs nothing.
func patchNode(ctx context.Context, c client.Client, name string, metadata map[string]any) error {
	patch, err := json.Marshal(map[string]any{"metadata": metadata})
	if err != nil {
		return fmt.Errorf("encoding a patch of node %s: %w", name, err)
	}
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if err := c.Patch(ctx, node, client.RawPatch(types.MergePatchType, patch)); client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("changing node %s: %w", name, err)
	}
	return nil
}

// sentence makes one of a clause, unless it is one.
func sentence(clause string) string {
	if clause == "" {
		return ""
	}
	return strings.ToUpper(clause[:1]) + strings.TrimSuffix(clause[1:], ".") + "."
}
