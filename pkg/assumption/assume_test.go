package assumption_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/assumption"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
)

func build(t *testing.T, text string) policy.Build {
	t.Helper()
	parsed, err := policy.ParseBuild(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestWhatIsSupposedIsPutIntoTheWordsOfTheDecision(t *testing.T) {
	a, errs := assumption.Compile(&placementv1alpha1.Assumptions{
		Policy: &v1alpha1.WindowsBuildPolicySpec{
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"team": "blue"}},
			Builds:            []v1alpha1.BuildRule{{Build: ws2022}},
		},
		States:       []placementv1alpha1.AssumedState{{Build: ws2019, State: v1alpha1.BuildRetired}},
		RemovedNodes: []string{"a19"},
		Upgrades:     []placementv1alpha1.BuildUpgrade{{From: ws2019, To: ws2022}},
		Nodes: []placementv1alpha1.AssumedNodes{{
			Build: ws2022 + ".2700", Count: 2, Labels: map[string]string{"pool": "a"},
			Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
		}},
	}, nil)
	if len(errs) > 0 {
		t.Fatal(errs.ToAggregate())
	}
	if diff := cmp.Diff(map[policy.Build]v1alpha1.BuildState{build(t, ws2019): v1alpha1.BuildRetired}, a.States); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(map[policy.Build]policy.Build{build(t, ws2019): build(t, ws2022)}, a.Upgrades); diff != "" {
		t.Errorf("upgrades (-want +got):\n%s", diff)
	}
	if policy.NewPolicies([]*policy.Policy{a.Policy}).Match(nil, nil) == nil {
		t.Error("the policy still selects namespaces")
	}
	if len(a.Nodes) != 2 || a.Nodes[0].Name == a.Nodes[1].Name {
		t.Fatalf("nodes: %+v", a.Nodes)
	}
	node := a.Nodes[0]
	if !node.Windows() || node.Build() != build(t, ws2022) || !node.Ready || node.Labels["pool"] != "a" || len(node.Taints) != 1 {
		t.Errorf("node: %+v", node)
	}
}

func TestWhatMakesNoSenseIsRefusedByField(t *testing.T) {
	for want, assume := range map[string]placementv1alpha1.Assumptions{
		"policy.mode":      {Policy: &v1alpha1.WindowsBuildPolicySpec{Mode: "Hope", Builds: []v1alpha1.BuildRule{{Build: ws2022}}}},
		"policy":           {Policy: &v1alpha1.WindowsBuildPolicySpec{}},
		"states[0].state":  {States: []placementv1alpha1.AssumedState{{Build: ws2019, State: "Gone"}}},
		"states[0].build":  {States: []placementv1alpha1.AssumedState{{Build: "ltsc2019", State: v1alpha1.BuildRetired}}},
		"builds[0].build":  {Builds: []v1alpha1.BuildRule{{Build: "ltsc2019"}}},
		"upgrades[0].to":   {Upgrades: []placementv1alpha1.BuildUpgrade{{From: ws2019, To: "newest"}}},
		"upgrades[1].from": {Upgrades: []placementv1alpha1.BuildUpgrade{{From: ws2019, To: ws2022}, {From: ws2019, To: "10.0.26100"}}},
		"nodes[0].count":   {Nodes: []placementv1alpha1.AssumedNodes{{Build: ws2022, Count: -1}}},
		"nodes":            {Nodes: []placementv1alpha1.AssumedNodes{{Build: ws2022, Count: assumption.MaxNodes}, {Build: ws2022}}},
		"nodes[0].taints[0].key": {Nodes: []placementv1alpha1.AssumedNodes{{
			Build: ws2022, Taints: []corev1.Taint{{Key: "not a key", Effect: corev1.TaintEffectNoSchedule}},
		}}},
		"nodes[0].labels[node.kubernetes.io/windows-build]": {Nodes: []placementv1alpha1.AssumedNodes{{
			Build: ws2022, Labels: map[string]string{corev1.LabelWindowsBuild: ws2019},
		}}},
		"removedNodes": {RemovedNodes: make([]string, assumption.MaxRemovedNodes+1)},
	} {
		_, errs := assumption.Compile(&assume, field.NewPath("assume"))
		if len(errs) == 0 || errs[0].Field != "assume."+want {
			t.Errorf("%s: got %v", want, errs)
		}
	}
}
