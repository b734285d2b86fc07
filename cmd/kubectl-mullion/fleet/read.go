package fleet

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/impact/inventory"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// state is what was read of a cluster.
type state struct {
	policies []v1alpha1.WindowsBuildPolicy
	snapshot *policy.Snapshot
	// workloads are the running Windows pods, gathered.
	workloads []*impact.Workload
	// notes are what the user should know of it.
	notes []string
}

// read reads policies, nodes, RuntimeClasses and running pods.
func read(ctx context.Context, source client.Reader) (*state, error) {
	s := &state{}
	var policies v1alpha1.WindowsBuildPolicyList
	if err := source.List(ctx, &policies); apierrors.IsNotFound(err) {
		s.notes = append(s.notes, "The cluster does not know WindowsBuildPolicies: Mullion is not installed.")
	} else if err != nil {
		return nil, fmt.Errorf("reading policies: %w", err)
	}
	s.policies = policies.Items
	nodes, err := readNodes(ctx, source)
	if err != nil {
		return nil, fmt.Errorf("reading nodes: %w", err)
	}
	var classes nodev1.RuntimeClassList
	if err := source.List(ctx, &classes); err != nil {
		return nil, fmt.Errorf("reading RuntimeClasses: %w", err)
	}
	s.compile(nodes, classes.Items)
	if s.workloads, err = inventory.Collect(ctx, source, s.snapshot.Fleet(), inventory.Options{}); err != nil {
		return nil, fmt.Errorf("reading workloads: %w", err)
	}
	return s, nil
}

// readNodes reads the Windows nodes, page by page: of a node only a hundredth part matters.
func readNodes(ctx context.Context, source client.Reader) ([]policy.Node, error) {
	var nodes []policy.Node
	for next := ""; ; {
		var page corev1.NodeList
		err := source.List(ctx, &page, client.MatchingLabels{corev1.LabelOSStable: string(corev1.Windows)},
			client.Limit(inventory.PageSize), client.Continue(next))
		if err != nil {
			return nil, err
		}
		for i := range page.Items {
			nodes = append(nodes, policy.FromNode(&page.Items[i]))
		}
		if next = page.Continue; next == "" {
			return nodes, nil
		}
	}
}

// compile makes the snapshot. A policy that cannot be compiled is in force nowhere, and here neither.
func (s *state) compile(nodes []policy.Node, runtimeClasses []nodev1.RuntimeClass) {
	var compiled []*policy.Policy
	for i := range s.policies {
		p, err := policy.Compile(&s.policies[i])
		if err != nil {
			s.notes = append(s.notes, fmt.Sprintf("Policy %s is not in force: %v.", s.policies[i].Name, err))
			continue
		}
		compiled = append(compiled, p)
	}
	if len(s.policies) == 0 {
		s.notes = append(s.notes, "The cluster has no WindowsBuildPolicy, so nothing is refused or changed.")
	}
	classes := make([]policy.RuntimeClass, len(runtimeClasses))
	for i := range runtimeClasses {
		classes[i] = policy.FromRuntimeClass(&runtimeClasses[i])
	}
	s.snapshot = policy.NewSnapshot(policy.NewPolicies(compiled), policy.CompileFleet(nodes), classes)
}
