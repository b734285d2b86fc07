package windowshost

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
)

// applyTimeout is how long a change may take: mostly the copying of programs, of which each has a deadline of its own.
const applyTimeout = 45 * time.Minute

// apply makes the host what it shall be.
type apply struct {
	api     client.Reader
	client  client.Client
	options Options
}

func (apply) name() v1alpha1.HostStep { return v1alpha1.StepApply }

func (s apply) do(ctx context.Context, p *pass) (verdict, error) {
	if len(p.plan.Actions) == 0 && p.recorded() || awaitsReboot(&p.plan) {
		return proceed(), nil
	}
	// The revision is kept before the host has what is in it: else there would be no way back.
	revision, err := keepRevision(ctx, s.client, p.host.Namespace, p.goal.config)
	if err != nil {
		return proceed(), err
	}
	if len(p.plan.Actions) == 0 {
		p.record(revision)
		return proceed(), nil
	}
	message := sentence("it is being changed: " + summary(&p.plan))
	if p.out() && !p.triedBefore() {
		if err := p.announce(ctx, v1alpha1.HostConfiguring, v1alpha1.StepApply, message); err != nil {
			return proceed(), err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, applyTimeout)
	defer cancel()
	result, err := p.machine.Apply(ctx, &p.result.State, p.goal.bundle.Contents)
	if err != nil {
		return proceed(), err
	}
	switch result.Outcome {
	case protocol.OutcomeDone:
		p.plan.Actions = nil
		p.host.Status.Plan = nil
		p.trouble = nil // It was drift, which is repaired.
		p.record(revision)
		p.sayUpToDate()
		return proceed(), nil
	case protocol.OutcomeRebootRequired:
		return s.rebootRequired(p)
	default:
		return s.failed(ctx, p, outcomeError(result))
	}
}

// triedBefore tells that the host has failed with the very change that it is to be tried with again. It goes on being
// Failed meanwhile: the failure budget goes by that, and would have room for another host as long as each attempt takes.
func (p *pass) triedBefore() bool {
	was := &p.written.Status
	return was.Phase == v1alpha1.HostFailed && was.LastError != nil && was.LastError.Step == v1alpha1.StepApply &&
		was.Disruption != nil && was.Disruption.Digest == p.wantedDigest()
}

// rebootRequired ends the pass: what is left to do is in the plan of the next one.
func (s apply) rebootRequired(p *pass) (verdict, error) {
	message := "It has to restart before the rest can be done."
	p.say(v1alpha1.HostConditionRebootRequired, metav1.ConditionTrue, v1alpha1.ReasonRebootPending, message)
	return wait(v1alpha1.HostConfiguring, v1alpha1.ReasonRebootPending, message, soon), nil
}

// failed takes the host back, if it fails for as long as it may take to be Ready.
func (s apply) failed(ctx context.Context, p *pass, err error) (verdict, error) {
	p.say(v1alpha1.HostConditionConfigured, metav1.ConditionFalse, reasonOf(err), sentence(err.Error()))
	last := p.host.Status.LastError
	persistent := last != nil && last.Step == v1alpha1.StepApply && last.Reason == v1alpha1.ReasonApplyFailed &&
		reasonOf(err) == v1alpha1.ReasonApplyFailed && p.overdue(last.Time.Time, s.options.VerifyTimeout)
	if !persistent || !p.canRollBack() {
		return proceed(), err
	}
	return p.rollBack(ctx, fmt.Sprintf("the change failed again and again: %v", err))
}
