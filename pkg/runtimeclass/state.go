package runtimeclass

import (
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apiequality "k8s.io/apimachinery/pkg/api/equality"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// State is how a planned class and the class of the same name in the cluster compare.
type State string

const (
	// StateReady: it is as it should be, ours or somebody else's.
	StateReady State = "Ready"
	// StateMissing: there is none.
	StateMissing State = "Missing"
	// StateDrifted: it is ours, and something has to be set right.
	StateDrifted State = "Drifted"
	// StateOtherHandler: it is ours, with another handler, so it has to be replaced.
	StateOtherHandler State = "OtherHandler"
	// StateForeign: it is somebody else's and is not what the policies need.
	StateForeign State = "Foreign"
	// StateConflict: the policies disagree about it.
	StateConflict State = "Conflict"
)

// StateOf compares the class with the one of its name in the cluster; nil where there is none.
func (c *Class) StateOf(live *nodev1.RuntimeClass) State {
	switch {
	case c.Conflict != "":
		return StateConflict
	case live == nil:
		return StateMissing
	case !Managed(live) && len(c.Differences(live)) == 0:
		return StateReady
	case !Managed(live):
		return StateForeign
	case live.Handler != c.Handler:
		return StateOtherHandler
	case !c.matches(live):
		return StateDrifted
	default:
		return StateReady
	}
}

// Managed tells that a class is this project's.
func Managed(class *nodev1.RuntimeClass) bool {
	return class.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy
}

// matches tells that everything this project sets is set.
func (c *Class) matches(live *nodev1.RuntimeClass) bool {
	return live.Scheduling != nil &&
		maps.Equal(live.Scheduling.NodeSelector, c.NodeSelector()) &&
		apiequality.Semantic.DeepEqual(live.Scheduling.Tolerations, c.Tolerations)
}

// Differences say, as parts of a sentence, in what a class of somebody else's differs from the one that is
// needed: in its handler, and in the nodes that it binds pods to. Tolerations do not count, since the webhook
// gives them to pods.
func (c *Class) Differences(live *nodev1.RuntimeClass) []string {
	var differences []string
	if live.Handler != c.Handler {
		differences = append(differences, fmt.Sprintf("its handler is %s, not %s", live.Handler, c.Handler))
	}
	var selector map[string]string
	if live.Scheduling != nil {
		selector = live.Scheduling.NodeSelector
	}
	if !maps.Equal(narrowing(selector), narrowing(c.NodeSelector())) {
		differences = append(differences, fmt.Sprintf("it does not select the nodes of build %s", c.Build))
	}
	return differences
}

// narrowing leaves out the labels that every Windows node has alike.
func narrowing(selector map[string]string) map[string]string {
	everywhere := map[string]string{corev1.LabelOSStable: string(corev1.Windows), corev1.LabelArchStable: "amd64"}
	narrow := maps.Clone(selector)
	maps.DeleteFunc(narrow, func(key, value string) bool { return everywhere[key] == value })
	return narrow
}
