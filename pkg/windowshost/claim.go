package windowshost

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// claim asks for a turn to be out of service, where that is needed, and waits without one.
type claim struct {
	turns   Turns
	drainer Drainer
	yield   yield
}

func (claim) name() v1alpha1.HostStep { return v1alpha1.StepClaim }

func (s claim) do(ctx context.Context, p *pass) (verdict, error) {
	if p.leavesInstead() {
		message := "Its pods were to go for a while, and are to go for good now: it asks for another turn."
		return wait(v1alpha1.HostWaiting, v1alpha1.ReasonAwaitingTurn, message, soon), s.yield.do(ctx, p)
	}
	if p.out() {
		p.redirect()
		return proceed(), nil
	}
	if p.need == "" {
		return proceed(), nil
	}
	if v := s.rest(ctx, p); v.stop {
		return v, nil
	}
	ask := rollout.Ask{Host: p.host, Policy: p.found.Policy, Reason: p.need, Digest: p.wantedDigest()}
	if p.node != nil {
		ask.Node = p.node.Name
	}
	decision, err := s.turns.Take(ctx, ask)
	if err != nil {
		return proceed(), fmt.Errorf("asking for a turn: %w", err)
	}
	p.host.Status.Claim = rollout.Claim(ask, decision, p.claimed, metav1.NewTime(p.now()))
	if !decision.May {
		return wait(v1alpha1.HostWaiting, decision.Reason, decision.Message, max(decision.RetryAfter, lookAgain)), nil
	}
	return s.begin(ctx, p)
}

// begin takes the turn. It is written before anybody is disrupted: whoever decides about other hosts counts it. The next
// pass goes on, with a fresh look at a host that may have waited for long.
func (s claim) begin(ctx context.Context, p *pass) (verdict, error) {
	p.host.Status.Disruption = &v1alpha1.HostDisruption{
		Reason: p.need, Since: metav1.NewTime(p.now()), Digest: p.wantedDigest(),
	}
	p.host.Status.Phase, p.host.Status.Step = v1alpha1.HostPreparing, v1alpha1.StepClaim
	p.host.Status.Message = "Its turn has come: " + disruptionText(p.need) + "."
	p.sayReady(v1alpha1.ReasonNotYet, p.host.Status.Message)
	if err := p.save(ctx, p.host); err != nil {
		// Only a refusal tells that it was not written. Else the turn counts until the cache shows it, or it is forgotten.
		if apierrors.IsConflict(err) {
			s.turns.Give(p.key())
		}
		return proceed(), err
	}
	return wait(v1alpha1.HostPreparing, v1alpha1.ReasonNotYet, p.host.Status.Message, soon), nil
}

// leavesInstead tells whether a host that was to come back is not to any more, and still has its pods. They may have nowhere
// else to go, which was not asked when it was given its turn.
func (p *pass) leavesInstead() bool {
	turn := p.host.Status.Disruption
	if turn == nil || p.node == nil || turn.Drained || turn.Reason == v1alpha1.DisruptionJoin {
		return false
	}
	return rollout.ForGood(p.need) && !rollout.ForGood(turn.Reason)
}

// redirect lets a turn that the host has serve what is wanted by now: a policy, or the host, may have been changed or
// deleted since.
func (p *pass) redirect() {
	if p.need == "" || p.goal.rolledBack || p.host.Status.Disruption.Reason == v1alpha1.DisruptionJoin && p.need == v1alpha1.DisruptionChange {
		return // Whoever joins has no pods yet, whatever is still done to it.
	}
	p.host.Status.Disruption.Reason, p.host.Status.Disruption.Digest = p.need, p.wantedDigest()
}

// disruptionText is for what a host is out of service, in words.
func disruptionText(reason v1alpha1.DisruptionReason) string {
	switch reason {
	case v1alpha1.DisruptionJoin:
		return "it joins"
	case v1alpha1.DisruptionChange:
		return "it is changed"
	case v1alpha1.DisruptionReboot:
		return "it is restarted"
	case v1alpha1.DisruptionReplace:
		return "its machine is replaced"
	case v1alpha1.DisruptionRetire:
		return "it is given back, since its build is retired"
	case v1alpha1.DisruptionRemove:
		return "it is given back"
	default:
		return string(reason)
	}
}
