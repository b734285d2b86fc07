package windowshost

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/rollout"
)

// compare asks the agent what would have to be done, and decides for what the host has to be taken out of service.
type compare struct {
	metrics Metrics
	options Options
}

func (compare) name() v1alpha1.HostStep { return v1alpha1.StepPlan }

func (s compare) do(ctx context.Context, p *pass) (verdict, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	result, err := p.ask(ctx)
	if err != nil {
		return proceed(), err
	}
	if result.Plan == nil {
		return proceed(), outcomeError(result)
	}
	p.plan = *result.Plan
	p.host.Status.Plan = hostPlan(&p.plan, p.wantedDigest())
	if len(p.plan.Refusals) > 0 {
		refused := outcomeError(result)
		p.say(v1alpha1.HostConditionPreflightPassed, metav1.ConditionFalse, v1alpha1.ReasonRefused, refused.Error())
		return proceed(), refused
	}
	s.drift(p)
	p.sayUpToDate()
	p.decideReboot()
	p.decideNeed(s.options)
	if p.host.Spec.Paused && (len(p.plan.Actions) > 0 || p.need != "" || p.out()) {
		return p.paused(), nil
	}
	return proceed(), nil
}

// ask gets a plan. A host that was made what is desired now, as far as is known, is only asked whether it still is: what
// was applied last is on the host, and need not be sent.
func (p *pass) ask(ctx context.Context) (*protocol.Result, error) {
	if applied := p.host.Status.Applied; applied != nil && applied.State == p.stateDigest {
		result, err := p.machine.Verify(ctx)
		if err != nil || result.Plan != nil && result.Plan.Desired == p.stateDigest {
			return result, err
		}
	}
	return p.machine.Plan(ctx, &p.result.State)
}

// drift notices what somebody else has changed.
func (s compare) drift(p *pass) {
	if !p.drifted() {
		return
	}
	message := "Somebody has changed what was configured: " + summary(&p.plan) + "."
	if was := findCondition(p, v1alpha1.HostConditionUpToDate); was == nil || was.Reason != v1alpha1.ReasonDrifted {
		s.metrics.DriftFound()
	}
	p.trouble = &trouble{v1alpha1.ReasonDrifted, message}
}

// drifted tells whether the host differs from what was applied, rather than what is desired from that.
func (p *pass) drifted() bool {
	applied := p.host.Status.Applied
	return len(p.plan.Actions) > 0 && applied != nil && applied.State == p.stateDigest && !p.out()
}

// decideNeed decides for what the host has to be taken out of service, if it has.
func (p *pass) decideNeed(o Options) {
	applied := p.host.Status.Applied
	switch {
	case !p.joined() && p.node == nil:
		p.need = v1alpha1.DisruptionJoin
	case !p.joined():
		// Whatever runs the node now, pods may be on it.
		p.need = v1alpha1.DisruptionChange
	case len(p.plan.Actions) > 0 && (disruptive(&p.plan) || applied == nil ||
		rollout.NeedsDrain(applied.KubernetesVersion, p.goal.config.Spec.KubernetesVersion)):
		p.need = v1alpha1.DisruptionChange
		if p.replaceable() && !p.drifted() && !p.goal.rolledBack {
			p.need = v1alpha1.DisruptionReplace
		}
	case p.rebootFor != "" && !p.rebootsExhausted(p.rebootFor, o.Reboots):
		p.need = v1alpha1.DisruptionReboot
	}
}

// decideReboot decides why the host has to restart, if it has.
func (p *pass) decideReboot() {
	switch {
	case awaitsReboot(&p.plan):
		p.rebootFor = rebootForChange(p.goal.config)
	case p.rebootRequested():
		p.rebootFor = rebootForRequest
	}
}

// replaceable tells whether the host is made anew rather than changed.
func (p *pass) replaceable() bool {
	return p.host.Spec.Machine != nil && p.found.Policy.Spec.Rollout.Strategy == v1alpha1.RolloutReplace
}

// wantedDigest names what the host is to be brought to; empty for one that stays back.
func (p *pass) wantedDigest() string {
	if p.goal.rolledBack {
		return ""
	}
	return p.goal.digest
}

// paused ends the pass for a host that is to be left as it is.
func (p *pass) paused() verdict {
	message := "It is paused, and nothing has to be done."
	switch {
	case p.out():
		message = "It is paused while it is out of service: set spec.paused to false, and it goes on."
	case len(p.plan.Actions) > 0:
		message = "It is paused. It would be changed: " + summary(&p.plan) + "."
	case p.need != "":
		message = "It is paused. It would be taken out of service for: " + string(p.need) + "."
	}
	return wait(v1alpha1.HostWaiting, v1alpha1.ReasonPaused, message, leftAlone)
}

func disruptive(plan *state.Plan) bool {
	for i := range plan.Actions {
		if plan.Actions[i].Disruptive || plan.Actions[i].Reboot {
			return true
		}
	}
	return false
}

// awaitsReboot tells that nothing of a plan can be done before the host has restarted.
func awaitsReboot(plan *state.Plan) bool {
	for i := range plan.Actions {
		if !plan.Actions[i].AfterReboot {
			return false
		}
	}
	return plan.NeedsReboot()
}

// outcomeError is the error that a result tells of, with what the host says.
func outcomeError(result *protocol.Result) error {
	switch result.Outcome {
	case protocol.OutcomeRefused:
		var messages []string
		if result.Plan != nil {
			for i := range result.Plan.Refusals {
				messages = append(messages, result.Plan.Refusals[i].Message)
			}
		}
		if len(messages) == 0 {
			messages = []string{result.Error}
		}
		return becausef(v1alpha1.ReasonRefused, "%s", strings.Join(messages, " "))
	case protocol.OutcomeLocked:
		return becausef(v1alpha1.ReasonHostLocked, "somebody else changes the host: %s", result.Error)
	case protocol.OutcomeContentMissing:
		return becausef(v1alpha1.ReasonBundleUnavailable, "the host has lost what was copied to it: %s", result.Error)
	default:
		where := ""
		if result.Failed != nil && !strings.Contains(result.Error, result.Failed.String()) {
			where = result.Failed.String() + ": "
		}
		return becausef(v1alpha1.ReasonApplyFailed, "%s%s", where, result.Error)
	}
}

// hostPlan is a plan as the status shows it; nil where nothing is left to do.
func hostPlan(plan *state.Plan, digest string) *v1alpha1.HostPlan {
	if plan.Empty() {
		return nil
	}
	shown := &v1alpha1.HostPlan{
		Summary: shortened(summary(plan), maxMessage), Digest: digest, Disruptive: disruptive(plan),
		Reboot: plan.NeedsReboot() || awaitsReboot(plan), Total: int32(min(len(plan.Actions), state.MaxResources*4)),
	}
	for i := range plan.Actions[:min(len(plan.Actions), v1alpha1.MaxPlannedActions)] {
		action := &plan.Actions[i]
		shown.Actions = append(shown.Actions, v1alpha1.PlannedAction{
			Action: shortened(fmt.Sprintf("%s %s", action.Verb, action.ID), maxMessage), Reason: shortened(action.Reason, maxMessage),
			Disruptive: action.Disruptive,
		})
	}
	const maxRefusals = 16
	for i := range plan.Refusals[:min(len(plan.Refusals), maxRefusals)] {
		shown.Refusals = append(shown.Refusals, shortened(plan.Refusals[i].Message, maxMessage))
	}
	return shown
}
