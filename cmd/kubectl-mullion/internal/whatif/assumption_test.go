package whatif

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestWhatIsAskedOfTheServerIsWhatIsJudgedHere(t *testing.T) {
	flags := Flags{
		upgrades: []string{"17763=20348"}, retired: []string{"10.0.14393"}, states: []string{"10.0.26100=active"},
		nodes: []string{"26100=2"}, removed: []string{"node-7"}, policyFile: "testdata/policy.yaml",
	}
	assume, err := flags.Assumptions()
	if err != nil {
		t.Fatal(err)
	}
	a, err := Compile(assume)
	if err != nil {
		t.Fatal(err)
	}
	b := func(number uint32) policy.Build { return policy.Build{Major: 10, Number: number} }
	if diff := cmp.Diff(map[policy.Build]policy.Build{b(17763): b(20348)}, a.Upgrades); diff != "" {
		t.Errorf("upgrades (-want +got):\n%s", diff)
	}
	states := map[policy.Build]v1alpha1.BuildState{b(14393): v1alpha1.BuildRetired, b(26100): v1alpha1.BuildActive}
	if diff := cmp.Diff(states, a.States); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"node-7"}, a.RemovedNodes); diff != "" {
		t.Errorf("removed nodes (-want +got):\n%s", diff)
	}
	if len(a.Nodes) != 2 || a.Nodes[0].Name == a.Nodes[1].Name || a.Nodes[0].Build() != b(26100) || a.Nodes[0].Labels[corev1.LabelOSStable] != "windows" {
		t.Errorf("nodes: %+v", a.Nodes)
	}
	if a.Policy == nil || a.Policy.Builds[0].Build != b(20348) || assume.Policy.NamespaceSelector == nil {
		t.Errorf("policy: %+v", a.Policy)
	}
	if policy.NewPolicies([]*policy.Policy{a.Policy}).Match(nil, nil) == nil {
		t.Error("the policy that is supposed still selects namespaces")
	}
}

func TestNothingIsSupposedWithoutFlags(t *testing.T) {
	if assume, err := (&Flags{}).Assumptions(); assume != nil || err != nil {
		t.Errorf("%+v, %v", assume, err)
	}
}

func TestEveryFlagAtFaultIsNamed(t *testing.T) {
	flags := Flags{upgrades: []string{"x"}, retired: []string{"y"}, nodes: []string{"10.0.26100=10001"}, states: []string{"10.0.26100"}}
	_, err := flags.Assumptions()
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	for _, want := range []string{"--if-upgraded", "--retire", "--if-node", "--if-state"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
}

func TestABuildIsUpgradedOnce(t *testing.T) {
	flags := Flags{upgrades: []string{"17763=20348", "17763=26100"}}
	if _, err := flags.Assumptions(); err == nil || !strings.Contains(err.Error(), "10.0.17763 is named twice") {
		t.Error(err)
	}
}

func TestAPolicyOfWhichPartsDoNotCompileIsRefused(t *testing.T) {
	spec := &v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{Build: "ltsc2022"}}}
	if _, err := Compile(&placementv1alpha1.Assumptions{Policy: spec}); err == nil || !strings.Contains(err.Error(), "policy.builds[0].build") {
		t.Error(err)
	}
}
