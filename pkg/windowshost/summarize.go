package windowshost

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// summarize brings the ending of a pass into the status, and returns when to look again.
func (p *pass) summarize(e ending, o Options) time.Duration {
	status := p.status()
	status.ObservedGeneration, status.ObservedReconcile = p.host.Generation, p.request
	status.Step = e.step
	p.sayUnknown()
	if e.err != nil {
		return p.summarizeError(e)
	}
	if status.LastError != nil && (!e.stop || !before(e.step, status.LastError.Step)) {
		status.LastError = nil
	}
	after := e.after
	if !e.stop {
		e.verdict = p.ready()
		after = spread(o.ResyncReady, p.host.UID)
	}
	status.Phase, status.Message = e.phase, shortened(p.redact(e.message), maxMessage)
	p.sayReady(e.reason, e.message)
	p.sayDegraded()
	return after
}

// ready is the verdict of a pass that went through.
func (p *pass) ready() verdict {
	message := fmt.Sprintf("Node %s is Ready, with Kubernetes %s.", p.node.Name, p.goal.config.Spec.KubernetesVersion)
	for _, waiting := range p.result.Waiting {
		message += " " + waiting
	}
	if p.trouble != nil {
		message = p.trouble.message
	} else if p.goal.rolledBack {
		message = p.rolledBackMessage()
	}
	return verdict{phase: v1alpha1.HostReady, reason: v1alpha1.ReasonAsDesired, message: message}
}

// summarizeError notes what went wrong. A host that serves goes on being Ready, if nothing was attempted that changes it:
// that it cannot be reached, say, is no reason to move its pods.
func (p *pass) summarizeError(e ending) time.Duration {
	status := p.status()
	reason, message := reasonOf(e.err), p.redact(e.err.Error())
	attempts, since := int32(1), metav1.NewTime(p.now())
	if last := status.LastError; last != nil && last.Step == e.step && last.Reason == reason {
		attempts, since = last.Attempts+1, last.Time
	}
	status.LastError = &v1alpha1.HostError{
		Step: e.step, Reason: reason, Message: shortened(message, maxErrorMessage), Time: since, Attempts: attempts,
	}
	status.Phase = v1alpha1.HostFailed
	switch {
	case !p.host.DeletionTimestamp.IsZero():
		status.Phase = v1alpha1.HostRemoving
		message += fmt.Sprintf(". It is tried again; the annotation %s=true lets go of the host without touching it", v1alpha1.AnnotationOrphan)
	case p.serves() && !before(v1alpha1.StepClaim, e.step):
		status.Phase = v1alpha1.HostReady
		p.trouble = &trouble{reason, sentence(message)}
		message = fmt.Sprintf("node %s is Ready, but needs somebody: %s", p.node.Name, message)
	case p.awaited(e.err, since.Time):
		status.Phase = p.written.Status.Phase
		message = fmt.Sprintf("since %s it has not answered, as it may while it is changed, and is waited for: %s", clockTime(since.Time), message)
	}
	status.Message = shortened(sentence(message), maxMessage)
	p.sayReady(reason, status.Message)
	p.sayDegraded()
	return backoff(attempts)
}

// awayGrace is how long a host that is being changed may be away before that is called a failure. A program of Windows' own
// that restarts the SSH server, or Windows after its upgrade, takes less.
const awayGrace = 2 * time.Minute

// awaited tells whether a host that is not reached since a time is only away: it has answered before, and it is out of
// service, or was given back and is upgraded by somebody. One that was asked to restart has a time of its own.
func (p *pass) awaited(err error, since time.Time) bool {
	if !unreachable(err) || p.host.Status.Facts == nil || p.restarting() || p.overdue(since, awayGrace) {
		return false
	}
	switch p.written.Status.Phase {
	case "", v1alpha1.HostFailed:
		return false
	case v1alpha1.HostRetired:
		return true
	default:
		return p.out()
	}
}

// sayReady says whether the host takes pods, and why not.
func (p *pass) sayReady(reason, message string) {
	if p.serves() && p.host.DeletionTimestamp.IsZero() {
		p.say(v1alpha1.HostConditionReady, metav1.ConditionTrue, v1alpha1.ReasonAsDesired, fmt.Sprintf("Node %s is Ready.", p.node.Name))
		return
	}
	p.say(v1alpha1.HostConditionReady, metav1.ConditionFalse, reason, message)
}

// sayDegraded says whether a host that serves needs somebody.
func (p *pass) sayDegraded() {
	switch {
	case p.trouble != nil:
		p.say(v1alpha1.HostConditionDegraded, metav1.ConditionTrue, p.trouble.reason, p.trouble.message)
	case p.goal.rolledBack && p.serves():
		p.say(v1alpha1.HostConditionDegraded, metav1.ConditionTrue, v1alpha1.ReasonRolledBack, p.rolledBackMessage())
	default:
		p.say(v1alpha1.HostConditionDegraded, metav1.ConditionFalse, v1alpha1.ReasonAsDesired, "Nothing is known to be wrong.")
	}
}

// sayRolledBack says why the host does not have what is wanted. It is said once, when that is known.
func (p *pass) sayRolledBack(message string) {
	p.say(v1alpha1.HostConditionUpToDate, metav1.ConditionFalse, v1alpha1.ReasonRolledBack, message)
}

// rolledBackMessage is what was said when the host was taken back.
func (p *pass) rolledBackMessage() string {
	if c := meta.FindStatusCondition(p.host.Status.Conditions, v1alpha1.HostConditionUpToDate); c != nil && c.Reason == v1alpha1.ReasonRolledBack {
		return c.Message
	}
	return "It was taken back to the configuration before."
}
