package windowshost

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// For what a host is restarted, as status.reboots has it.
const (
	rebootForRemoval = "Giving the host back needs it."
	rebootForRequest = "The node's annotation " + v1alpha1.AnnotationRebootRequired + " asks for it."
)

const (
	// rebootGrace is how long a host that was asked to restart may go on answering as if it had not been.
	rebootGrace = 5 * time.Minute
	// rebootMemory is how long restarts are counted after the last one, where none is to be made: a host that is to restart
	// again at once, for the same reason, is in a loop.
	rebootMemory = time.Hour
)

// rebootForChange is why a host restarts to have a configuration. To have another is another reason.
func rebootForChange(config *v1alpha1.WindowsNodeConfig) string {
	return fmt.Sprintf("WindowsNodeConfig %s, generation %d, needs it.", config.Name, config.Generation)
}

// reboot restarts a host, where that is needed, and waits for it to be back.
type reboot struct {
	client  client.Client
	metrics Metrics
	options Options
}

func (reboot) name() v1alpha1.HostStep { return v1alpha1.StepReboot }

func (s reboot) do(ctx context.Context, p *pass) (verdict, error) {
	if v, err := s.settle(ctx, p); v.stop || err != nil {
		return v, err
	}
	known := p.host.Status.Reboots
	if p.rebootFor == "" {
		if known != nil && p.overdue(known.Time.Time, rebootMemory) {
			p.host.Status.Reboots = nil
		}
		p.say(v1alpha1.HostConditionRebootRequired, metav1.ConditionFalse, v1alpha1.ReasonNoRebootRequired, "It need not restart.")
		return proceed(), nil
	}
	if p.rebootsExhausted(p.rebootFor, s.options.Reboots) {
		return s.exhausted(p)
	}
	if !p.out() && p.joined() {
		return proceed(), nil // A restart takes a turn. compare has asked for it, or the next pass will.
	}
	return s.ask(ctx, p)
}

// settle looks at a restart that was asked for before.
func (s reboot) settle(ctx context.Context, p *pass) (verdict, error) {
	if !p.restarting() {
		return proceed(), nil
	}
	known := p.host.Status.Reboots
	if p.facts.BootID == known.LastBootID {
		if p.overdue(known.Time.Time, rebootGrace) {
			return proceed(), nil // It has not heard, or does not care.
		}
		return wait(v1alpha1.HostRebooting, v1alpha1.ReasonRebootAsked,
			fmt.Sprintf("It was asked to restart at %s. %s", clockTime(known.Time.Time), known.Reason), lookAgain), nil
	}
	// The request is taken away before it is forgotten that it was fulfilled: a crash in between restarts nobody twice.
	if known.Reason == rebootForRequest && p.node != nil {
		if err := patchNode(ctx, s.client, p.node.Name, map[string]any{
			"annotations": map[string]*string{v1alpha1.AnnotationRebootRequired: nil},
		}); err != nil {
			return proceed(), err
		}
		if p.rebootFor == rebootForRequest {
			p.rebootFor = ""
		}
	}
	known.LastBootID = ""
	return proceed(), nil
}

// ask has the host restart. That is counted before it is asked for: else it could happen without end.
func (s reboot) ask(ctx context.Context, p *pass) (verdict, error) {
	attempts := int32(1)
	if known := p.host.Status.Reboots; known != nil && known.Reason == p.rebootFor {
		attempts = known.Attempts + 1
	}
	now := metav1.NewTime(p.now())
	p.host.Status.Reboots = &v1alpha1.HostReboots{
		Attempts: attempts, Reason: p.rebootFor, LastBootID: p.facts.BootID, Time: now,
	}
	message := "It restarts. " + p.rebootFor
	p.say(v1alpha1.HostConditionRebootRequired, metav1.ConditionTrue, v1alpha1.ReasonRebootAsked, message)
	p.host.Status.Phase, p.host.Status.Step, p.host.Status.Message = v1alpha1.HostRebooting, v1alpha1.StepReboot, message
	if err := p.save(ctx, p.host); err != nil {
		return proceed(), err
	}
	s.metrics.RebootAsked()
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	if err := p.machine.RequestReboot(ctx); err != nil {
		return proceed(), err
	}
	return wait(v1alpha1.HostRebooting, v1alpha1.ReasonRebootAsked, message, lookAgain), nil
}

// exhausted leaves a host as it is that has restarted often enough. One that only was asked to serves on.
func (s reboot) exhausted(p *pass) (verdict, error) {
	err := becausef(v1alpha1.ReasonRebootsExhausted, "it was restarted %d times and still has to be: %s It is left as it is until somebody restarts it, or the reason is gone",
		p.host.Status.Reboots.Attempts, p.rebootFor)
	p.say(v1alpha1.HostConditionRebootRequired, metav1.ConditionTrue, v1alpha1.ReasonRebootsExhausted, err.Error())
	if p.rebootFor != rebootForRequest {
		return proceed(), err
	}
	p.trouble = &trouble{v1alpha1.ReasonRebootsExhausted, sentence(err.Error())}
	return proceed(), nil
}

// rebootsExhausted tells whether the host was restarted often enough for a reason. As long as that is there, time alone makes
// it no better.
func (p *pass) rebootsExhausted(reason string, most int32) bool {
	known := p.host.Status.Reboots
	return known != nil && known.Reason == reason && known.Attempts >= most
}

// rebootRequested tells whether the node asks for a restart.
func (p *pass) rebootRequested() bool {
	if p.node == nil {
		return false
	}
	_, asked := p.node.Annotations[v1alpha1.AnnotationRebootRequired]
	return asked
}
