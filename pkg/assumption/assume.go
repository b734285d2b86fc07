// Package assumption puts what a PlacementReview supposes into the words of package policy. Whoever answers a question
// about a cluster that is otherwise, the policy server or a program beside it, does it here, so that all mean the same.
package assumption

import (
	"cmp"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Limits on what can be supposed in one review. A fleet of the size that Kubernetes supports has 5,000 nodes.
const (
	// MaxNodes is how many hypothetical nodes there can be in all.
	MaxNodes = 10_000
	// MaxRemovedNodes is how many nodes can be left out.
	MaxRemovedNodes = 10_000
	// maxEntries is how long the other lists can be.
	maxEntries = 64
)

// PolicyName is the name of a policy that is supposed.
const PolicyName = "assumed"

// Compile checks what is supposed, and puts it into the words of package policy. The errors name every field at fault,
// below the path. What only the cluster can tell, such as whether a node exists, is left to [policy.Snapshot.Assume].
func Compile(assume *placementv1alpha1.Assumptions, path *field.Path) (*policy.Assumption, field.ErrorList) {
	errs := checkLengths(assume, path)
	if len(errs) > 0 {
		return nil, errs
	}
	a := &policy.Assumption{Builds: assume.Builds, RemovedNodes: assume.RemovedNodes}
	collect := func(more field.ErrorList) { errs = append(errs, more...) }
	var more field.ErrorList
	a.Policy, more = assumePolicy(assume.Policy, path.Child("policy"))
	collect(more)
	a.States, more = assumeStates(assume.States, path.Child("states"))
	collect(more)
	for i := range assume.Builds {
		collect(checkRule(&assume.Builds[i], path.Child("builds").Index(i)))
	}
	a.Upgrades, more = assumeUpgrades(assume.Upgrades, path.Child("upgrades"))
	collect(more)
	a.Nodes, more = assumeNodes(assume.Nodes, path.Child("nodes"))
	collect(more)
	return a, errs
}

func checkLengths(assume *placementv1alpha1.Assumptions, path *field.Path) field.ErrorList {
	var errs field.ErrorList
	for _, list := range []struct {
		name        string
		length, max int
	}{
		{"states", len(assume.States), maxEntries},
		{"builds", len(assume.Builds), maxEntries},
		{"removedNodes", len(assume.RemovedNodes), MaxRemovedNodes},
		{"upgrades", len(assume.Upgrades), maxEntries},
		{"nodes", len(assume.Nodes), maxEntries},
	} {
		if list.length > list.max {
			errs = append(errs, field.TooMany(path.Child(list.name), list.length, list.max))
		}
	}
	return errs
}

// assumePolicy compiles a policy that is for every object, because the question is about this one.
func assumePolicy(spec *v1alpha1.WindowsBuildPolicySpec, path *field.Path) (*policy.Policy, field.ErrorList) {
	if spec == nil {
		return nil, nil
	}
	if errs := checkPolicy(spec, path); len(errs) > 0 {
		return nil, errs
	}
	assumed := &v1alpha1.WindowsBuildPolicy{Spec: *spec}
	assumed.Name = PolicyName
	assumed.Spec.NamespaceSelector, assumed.Spec.ObjectSelector = nil, nil
	compiled, err := policy.Compile(assumed)
	if err != nil {
		return nil, field.ErrorList{field.Invalid(path, field.OmitValueType{}, err.Error())}
	}
	return compiled, nil
}

func assumeStates(states []placementv1alpha1.AssumedState, path *field.Path) (map[policy.Build]v1alpha1.BuildState, field.ErrorList) {
	var errs field.ErrorList
	assumed := make(map[policy.Build]v1alpha1.BuildState, len(states))
	for i, state := range states {
		at := path.Index(i)
		build, err := policy.ParseBuild(state.Build)
		if err != nil {
			errs = append(errs, field.Invalid(at.Child("build"), state.Build, err.Error()))
			continue
		}
		if _, twice := assumed[build]; twice {
			errs = append(errs, field.Duplicate(at.Child("build"), state.Build))
		}
		if state.State == "" {
			errs = append(errs, field.Required(at.Child("state"), ""))
		}
		errs = append(errs, oneOf(at.Child("state"), state.State, buildStates())...)
		assumed[build] = state.State
	}
	return assumed, errs
}

func assumeUpgrades(upgrades []placementv1alpha1.BuildUpgrade, path *field.Path) (map[policy.Build]policy.Build, field.ErrorList) {
	var errs field.ErrorList
	assumed := make(map[policy.Build]policy.Build, len(upgrades))
	for i, upgrade := range upgrades {
		at := path.Index(i)
		from, err := policy.ParseBuild(upgrade.From)
		if err != nil {
			errs = append(errs, field.Invalid(at.Child("from"), upgrade.From, err.Error()))
		}
		to, err := policy.ParseBuild(upgrade.To)
		if err != nil {
			errs = append(errs, field.Invalid(at.Child("to"), upgrade.To, err.Error()))
		}
		if _, twice := assumed[from]; twice && !from.IsZero() {
			errs = append(errs, field.Duplicate(at.Child("from"), upgrade.From))
		}
		assumed[from] = to
	}
	return assumed, errs
}

func assumeNodes(groups []placementv1alpha1.AssumedNodes, path *field.Path) ([]policy.Node, field.ErrorList) {
	var errs field.ErrorList
	var nodes []policy.Node
	for i := range groups {
		group, at := &groups[i], path.Index(i)
		node, faults := assumeNode(group, at)
		errs = append(errs, faults...)
		count := int(cmp.Or(group.Count, 1))
		if count < 0 || count > MaxNodes {
			errs = append(errs, field.Invalid(at.Child("count"), group.Count, fmt.Sprintf("must be between 1 and %d", MaxNodes)))
			continue
		}
		if len(nodes)+count > MaxNodes {
			return nil, append(errs, field.TooMany(path, len(nodes)+count, MaxNodes))
		}
		for number := range count {
			node.Name = fmt.Sprintf("assumed-%d-%d", i, number)
			nodes = append(nodes, node)
		}
	}
	return nodes, errs
}

// assumeNode is one of a number of like nodes. They share labels and taints, and have no hostname that a pod could
// select.
func assumeNode(group *placementv1alpha1.AssumedNodes, path *field.Path) (policy.Node, field.ErrorList) {
	version, err := policy.ParseVersion(group.Build)
	if err != nil {
		return policy.Node{}, field.ErrorList{field.Invalid(path.Child("build"), group.Build, err.Error())}
	}
	errs := metav1validation.ValidateLabels(group.Labels, path.Child("labels"))
	for _, own := range []string{corev1.LabelOSStable, corev1.LabelWindowsBuild} {
		if _, there := group.Labels[own]; there {
			errs = append(errs, field.Forbidden(path.Child("labels").Key(own), "it follows from the build"))
		}
	}
	if len(group.Taints) > maxEntries {
		errs = append(errs, field.TooMany(path.Child("taints"), len(group.Taints), maxEntries))
	}
	for i, taint := range group.Taints {
		at := path.Child("taints").Index(i)
		errs = append(errs, metav1validation.ValidateLabelName(taint.Key, at.Child("key"))...)
		errs = append(errs, oneOf(at.Child("effect"), taint.Effect, []corev1.TaintEffect{
			corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute,
		})...)
	}
	labels := map[string]string{corev1.LabelArchStable: "amd64"}
	maps.Copy(labels, group.Labels)
	labels[corev1.LabelOSStable] = string(corev1.Windows)
	labels[corev1.LabelWindowsBuild] = version.Build.String()
	return policy.Node{Labels: labels, Taints: group.Taints, Ready: true, KernelVersion: version.String()}, errs
}
