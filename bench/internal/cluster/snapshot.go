// Package cluster makes clusters of any size for decisions to be made in.
package cluster

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const pools = 10

// Builds are those that nodes have and every policy offers, in its order of preference.
func Builds() []string { return []string{"10.0.20348", "10.0.26100", "10.0.17763"} }

// Snapshot is a cluster of so many Windows nodes in ten pools, each of one build, and three zones. One of its
// policies, of which there is at least one, is for every pod; each other is for the namespaces of one team.
func Snapshot(nodes, policies int) (*policy.Snapshot, error) {
	compiled := make([]*policy.Policy, policies)
	for i := range compiled {
		var err error
		if compiled[i], err = policy.Compile(buildPolicy(i)); err != nil {
			return nil, fmt.Errorf("compiling policy %d: %w", i, err)
		}
	}
	fleet := make([]policy.Node, nodes)
	for i := range fleet {
		fleet[i] = node(i)
	}
	return policy.NewSnapshot(policy.NewPolicies(compiled), policy.CompileFleet(fleet), nil), nil
}

// buildPolicy is the policy for every pod where i is 0.
func buildPolicy(i int) *v1alpha1.WindowsBuildPolicy {
	p := &v1alpha1.WindowsBuildPolicy{}
	for _, build := range Builds() {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	p.Name = "default"
	if i > 0 {
		p.Name = fmt.Sprintf("team-%03d", i)
		p.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": p.Name}}
	}
	return p
}

func node(i int) policy.Node {
	name := NodeName(i)
	return policy.Node{
		Name:   name,
		Ready:  true,
		Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
		Labels: map[string]string{
			corev1.LabelOSStable:     string(corev1.Windows),
			corev1.LabelArchStable:   "amd64",
			corev1.LabelHostname:     name,
			corev1.LabelWindowsBuild: Builds()[i%pools%len(Builds())],
			corev1.LabelTopologyZone: fmt.Sprintf("zone-%d", i/pools%3),
			"pool":                   Pool(i),
		},
	}
}

// NodeName is the name of a node, which its label kubernetes.io/hostname has too.
func NodeName(i int) string { return fmt.Sprintf("node-%05d", i) }

// Pool is the value of a node's label "pool".
func Pool(i int) string { return fmt.Sprintf("pool-%d", i%pools) }
