package policy

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Decision is the answer to a [Request]. It is a value: nothing has been changed by it.
type Decision struct {
	// Policy is the name of the policy in force; empty where none is, and then nothing else is set.
	Policy string
	// Mode is how the policy wants the decision to be carried out.
	Mode v1alpha1.Mode
	// Windows tells that the pod is a Windows pod, or was inferred to be one. A decision about another pod
	// has no candidates.
	Windows bool
	// Candidates are the policy's builds, in its order of preference.
	Candidates []Candidate
	// Chosen is the index of the candidate that the pod is placed on, or -1.
	Chosen int
	// Edits are what has to change in the pod for the scheduler to agree.
	Edits Edits
	// Exposed tells that a new pod, as it stands, could be bound to a node that cannot run it; see
	// [Decision.Unplaced].
	Exposed bool
	// Template is what has to change in a DaemonSet's template, where the policy wants it changed.
	Template TemplateEdits
	// Mislead says that a template selects nodes on which its pods cannot run. It matters for a DaemonSet,
	// whose controller goes by the template; nil where it selects none, and where the policy mends it.
	Mislead *Finding
	// Denial says why no candidate fits; nil where one does.
	Denial *Finding
	// Warnings are what the user should know although it does not stop the pod.
	Warnings []Finding
}

// Candidate is one build of the policy, examined for one pod.
type Candidate struct {
	PolicyBuild
	BuildCount
	// Fits tells that the pod could run on nodes of this build.
	Fits bool
	// Ready tells that a node of this build is available that would take the pod now.
	Ready bool
	// Takes tells that a node of this build, whether or not it is available just now, satisfies the pod's
	// selectors and has no taint that would keep the placed pod away. Images do not count here.
	Takes bool
	// Reason is the first reason why the candidate does not fit, or why none of its nodes is ready, or
	// [ReasonFits].
	Reason Reason

	// because holds what the reason's sentence is made of; see [Candidate.Message].
	because cause
}

// Edits are the changes that place a pod. Applying them to the pod again changes nothing. A pod that is refused
// is not changed, except that one which was inferred to be for Windows is made to say so.
type Edits struct {
	// OS is the name to set in spec.os; empty leaves it.
	OS string
	// NodeSelector are the node selectors to add, in order.
	NodeSelector []Label
	// RuntimeClassName is the RuntimeClass to set; empty leaves it.
	RuntimeClassName string
	// Tolerations are the tolerations to append.
	Tolerations []corev1.Toleration
}

// Label is a label with its value.
type Label struct{ Key, Value string }

// Empty tells that there is nothing to change.
func (e *Edits) Empty() bool {
	return e.OS == "" && len(e.NodeSelector) == 0 && e.RuntimeClassName == "" && len(e.Tolerations) == 0
}

// TemplateEdits are the changes that make a DaemonSet choose the nodes on which its pods can run.
type TemplateEdits struct {
	// Edits are the node selector for the operating system and the tolerations.
	Edits
	// Builds are the builds to which required node affinity binds the template; empty where every build of
	// the fleet fits.
	Builds []Build
}

// Finding is one thing to tell the user.
type Finding struct {
	Reason Reason
	// Field is the path of the field at fault within the pod; empty where no single field is.
	Field string
	// Problem says what is wrong, in a sentence without a full stop.
	Problem string
	// Context says what the policy allows and what the nodes offer; empty where that does not matter.
	Context string
	// Fix is the one change that mends it, as an instruction.
	Fix string
}

// String is the finding as the user reads it.
func (f *Finding) String() string {
	text := f.Problem
	if f.Field != "" {
		text = f.Field + ": " + text
	}
	if f.Context != "" {
		text += ". " + f.Context
	}
	if f.Fix != "" {
		text += ". To fix it, " + f.Fix
	}
	return text + "."
}

// Choice is the candidate that the pod is placed on, or nil.
func (d *Decision) Choice() *Candidate {
	if d.Policy == "" || d.Chosen < 0 || d.Chosen >= len(d.Candidates) {
		return nil
	}
	return &d.Candidates[d.Chosen]
}

// Places tells that the edits are to be made, if there are any.
func (d *Decision) Places() bool {
	return d.Mode == v1alpha1.ModeEnforce || d.Mode == v1alpha1.ModeWarn
}

// Unplaced says what a final pod risks that was not given its selectors, or nil where it risks nothing. Who judges
// final pods finds it where the webhook that places pods was not heard.
func (d *Decision) Unplaced() *Finding {
	if !d.Exposed {
		return nil
	}
	selectors := make([]string, len(d.Edits.NodeSelector))
	for i, label := range d.Edits.NodeSelector {
		selectors[i] = fmt.Sprintf("spec.nodeSelector[%s]: %q", label.Key, label.Value)
	}
	return &Finding{
		Reason:  ReasonNotPlaced,
		Field:   "spec.nodeSelector",
		Problem: "the pod was not placed, so that the scheduler may bind it to a node that cannot run it",
		Fix:     "create it again once the mutating webhook of Mullion answers, or set " + list(selectors, "and"),
	}
}
