package impact

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestWhoDependsOnABuild(t *testing.T) {
	workloads := []*Workload{
		running(t, deployment("old"), template([]string{"core:2019"}), "a19", "b19"),
		running(t, deployment("both"), template([]string{"core:all"}), "a19", "a22", "b22"),
		running(t, deployment("new"), template([]string{"core:2022"}), "a22"),
		running(t, deployment("dark"), template([]string{"down"}), "b19"),
		runningIn(t, "elsewhere", deployment("own"), template([]string{"core:2019"}), "a19"),
	}
	for sentence, c := range map[string]struct {
		policy []func(*v1alpha1.WindowsBuildPolicySpec)
		want   map[string][3]int
		names  []string
	}{
		"pods that move and pods that cannot": {
			want:  map[string][3]int{ws2019: {4, 2, 1}, ws2022: {3, 1, 0}},
			names: []string{"old"},
		},
		"a retired build has its dependents until they are gone": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){state(ws2019, v1alpha1.BuildRetired)},
			// Without 2022, nothing can go to 2019: not even what runs on both.
			want:  map[string][3]int{ws2019: {4, 2, 1}, ws2022: {3, 3, 0}},
			names: []string{"old"},
		},
		"a build without nodes has none": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){func(spec *v1alpha1.WindowsBuildPolicySpec) {
				spec.Builds = append(spec.Builds, v1alpha1.BuildRule{Build: ws2025})
			}},
			want:  map[string][3]int{ws2019: {4, 2, 1}, ws2022: {3, 1, 0}, ws2025: {}},
			names: []string{"old"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			all, err := Dependents(workloads, snapshot(t, fleet(), c.policy...), ByNamespace{"team-a": registry()})
			if err != nil {
				t.Fatal(err)
			}
			got := map[string][3]int{}
			for key, d := range all {
				if key.Policy != "general" {
					t.Errorf("policy %q", key.Policy)
				}
				got[key.Build.String()] = [3]int{d.Pods, d.Stranded, d.Unknown}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("pods, stranded, unknown (-want +got):\n%s", diff)
			}
			var names []string
			for _, w := range all[Dependency{"general", build(t, ws2019)}].Workloads {
				names = append(names, w.Owner.Name)
			}
			if diff := cmp.Diff([]string{"down"}, all[Dependency{"general", build(t, ws2019)}].Images); diff != "" {
				t.Errorf("images that are not known (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.names, names); diff != "" {
				t.Errorf("stranded without 2019 (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnEmptyClusterHasNoDependents(t *testing.T) {
	all, err := Dependents(nil, policy.NewSnapshot(nil, nil, nil), nil)
	if err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
