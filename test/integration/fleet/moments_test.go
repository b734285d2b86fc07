package fleet

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

// moment is when something is done with a host: in the middle of a step.
type moment struct {
	step v1alpha1.HostStep
	// suffix tells the names of hosts apart that are in the middle of one step.
	suffix string
	spec   scriptedhosts.Spec
	// One of these is what is under way: a command on the host, or a write. Where neither is, what ails the host keeps it at
	// the step.
	command protocol.Command
	write   func(write) bool
}

// ofHost makes a condition of one for a WindowsHost before and after a write.
func ofHost(such func(before, after *v1alpha1.WindowsHost) bool) func(write) bool {
	return func(w write) bool {
		before, is := w.before.(*v1alpha1.WindowsHost)
		after, also := w.after.(*v1alpha1.WindowsHost)
		return is && also && such(before, after)
	}
}

// ofNode is ofHost for a Node, of which nothing may be left.
func ofNode(such func(before, after *corev1.Node) bool) func(write) bool {
	return func(w write) bool {
		before, is := w.before.(*corev1.Node)
		after, _ := w.after.(*corev1.Node)
		return is && such(before, after)
	}
}

// joiningLate are moments of hosts that join, after much was done with them.
func joiningLate() []moment {
	return []moment{
		{step: v1alpha1.StepApply, command: protocol.CommandApply},
		{step: v1alpha1.StepReboot, command: scriptedhosts.CommandRestart, spec: scriptedhosts.Spec{Bare: true}},
		{step: v1alpha1.StepJoin, write: ofHost(func(before, after *v1alpha1.WindowsHost) bool {
			return !hasJoined(before) && hasJoined(after)
		})},
		{step: v1alpha1.StepVerify, spec: scriptedhosts.Spec{Ails: scriptedhosts.Unready}},
		{step: v1alpha1.StepRelease, write: ofNode(func(before, after *corev1.Node) bool {
			return after != nil && before.Spec.Unschedulable && !after.Spec.Unschedulable
		})},
	}
}

// joiningEarly are moments before anything was done to a host.
func joiningEarly() []moment {
	return []moment{
		{step: v1alpha1.StepResolve, write: ofHost(func(before, after *v1alpha1.WindowsHost) bool {
			return untouched(before) && !untouched(after)
		})},
		{step: v1alpha1.StepConnect, command: protocol.CommandFacts},
		{step: v1alpha1.StepPreflight, write: func(w write) bool { _, token := w.after.(*corev1.Secret); return token }},
		{step: v1alpha1.StepPlan, command: protocol.CommandPlan},
		{step: v1alpha1.StepClaim, write: ofHost(func(before, after *v1alpha1.WindowsHost) bool {
			return before.Status.Disruption == nil && after.Status.Disruption != nil
		})},
	}
}

// changing is when a host that serves is about to be changed.
func changing() []moment {
	return []moment{{step: v1alpha1.StepDrain, write: ofNode(func(before, after *corev1.Node) bool {
		return after != nil && !before.Spec.Unschedulable && after.Spec.Unschedulable
	})}}
}

// leaving are moments of hosts that were deleted.
func leaving() []moment {
	return []moment{
		{step: v1alpha1.StepRemove, suffix: "-host", command: protocol.CommandRemove},
		{step: v1alpha1.StepRemove, suffix: "-node", write: ofNode(func(_, after *corev1.Node) bool { return after == nil })},
	}
}

func hasJoined(host *v1alpha1.WindowsHost) bool {
	return host.Status.Node != nil && host.Status.Node.Joined
}
