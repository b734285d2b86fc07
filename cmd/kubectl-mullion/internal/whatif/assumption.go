package whatif

import (
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// assumedPolicy is the name of the policy of --if-policy, as the policy server calls it.
const assumedPolicy = "assumed"

// Compile puts assumptions, which come from [Flags.Assumptions], into the words of package policy, for a decision
// that is made here rather than by the policy server.
func Compile(assume *placementv1alpha1.Assumptions) (*policy.Assumption, error) {
	a := &policy.Assumption{
		States:       map[policy.Build]v1alpha1.BuildState{},
		RemovedNodes: assume.RemovedNodes,
		Upgrades:     map[policy.Build]policy.Build{},
	}
	var errs []error
	parse := func(build string) policy.Build {
		parsed, err := policy.ParseBuild(build)
		errs = append(errs, err)
		return parsed
	}
	for _, state := range assume.States {
		a.States[parse(state.Build)] = state.State
	}
	for _, upgrade := range assume.Upgrades {
		a.Upgrades[parse(upgrade.From)] = parse(upgrade.To)
	}
	for i, nodes := range assume.Nodes {
		for n := range nodes.Count {
			a.Nodes = append(a.Nodes, assumedNode(fmt.Sprintf("assumed-%d-%d", i, n), nodes.Build))
		}
	}
	if assume.Policy != nil {
		compiled, err := compilePolicy(assume.Policy)
		errs = append(errs, err)
		a.Policy = compiled
	}
	return a, errors.Join(errs...)
}

func compilePolicy(spec *v1alpha1.WindowsBuildPolicySpec) (*policy.Policy, error) {
	assumed := &v1alpha1.WindowsBuildPolicy{Spec: *spec}
	assumed.Name = assumedPolicy
	assumed.Spec.NamespaceSelector, assumed.Spec.ObjectSelector = nil, nil // Whatever it selects.
	compiled, err := policy.Compile(assumed)
	if err != nil {
		return nil, fmt.Errorf("--if-policy: %w", err)
	}
	return compiled, nil
}

// assumedNode is a node of a build without taints that is ready.
func assumedNode(name, build string) policy.Node {
	return policy.Node{
		Name: name,
		Labels: map[string]string{
			corev1.LabelOSStable:     string(corev1.Windows),
			corev1.LabelArchStable:   "amd64",
			corev1.LabelWindowsBuild: build,
		},
		Ready:         true,
		KernelVersion: build,
	}
}
