package runtimeclass

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestDesiredClasses(t *testing.T) {
	os2022, os2025 := equals("os", "windows"), equals("node.kubernetes.io/os", "windows")
	team := equals("team", "a")
	for name, test := range map[string]struct {
		policies   []v1alpha1.WindowsBuildPolicy
		want       []Class
		incomplete bool
	}{
		"no policy wants no class": {},
		"a build has a class with the tolerations of its own nodes": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022)},
			want: []Class{{
				Name: class2022, Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a"},
			}},
		},
		"Hyper-V isolation has a class of its own": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022, func(p *v1alpha1.WindowsBuildPolicy) {
				p.Spec.Builds[0].Isolation = v1alpha1.IsolationHyperV
			})},
			want: []Class{{
				Name: class2022 + "-hyperv", Build: build(t, build2022), Handler: policy.HandlerHyperV,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a"},
			}},
		},
		"a retired build keeps its class, because it still has pods": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022, func(p *v1alpha1.WindowsBuildPolicy) {
				p.Spec.Builds[0].State = v1alpha1.BuildRetired
			})},
			want: []Class{{
				Name: class2022, Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a"},
			}},
		},
		"explicit tolerations are used instead of those for the nodes' taints": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022, withTolerations(v1alpha1.TolerationsExplicit, team))},
			want: []Class{{
				Name: class2022, Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{team}, Policies: []string{"a"},
			}},
		},
		"a build without nodes has the tolerations that are declared for nodes to come": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", "10.0.17763", func(p *v1alpha1.WindowsBuildPolicy) {
				p.Spec.Builds[0].ScaleFromZero = &v1alpha1.ScaleFromZero{Tolerations: []corev1.Toleration{team}}
			})},
			want: []Class{{
				Name: "windows-10.0.17763", Build: build(t, "10.0.17763"), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{team}, Policies: []string{"a"},
			}},
		},
		"a toleration granted twice is there once": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022, withTolerations(v1alpha1.TolerationsFromNodes,
				corev1.Toleration{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}))},
			want: []Class{{
				Name: class2022, Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a"},
			}},
		},
		"policies share a class, which grants only what both do": {
			policies: []v1alpha1.WindowsBuildPolicy{
				newPolicy("b", build2022),
				newPolicy("a", build2022, withTolerations(v1alpha1.TolerationsFromNodes, team)),
			},
			want: []Class{{
				Name: class2022, Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a", "b"},
			}},
		},
		"policies that want different handlers for one name are in conflict": {
			policies: []v1alpha1.WindowsBuildPolicy{
				newPolicy("b", build2022, withClass("win", "runhcs-custom")),
				newPolicy("a", build2022, withClass("win", "")),
			},
			want: []Class{{
				Name: "win", Build: build(t, build2022), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2022}, Policies: []string{"a", "b"},
				Conflict: `policy "a" wants the handler runhcs-wcow-process, policy "b" runhcs-custom`,
			}},
		},
		"policies that want one name for different builds are in conflict": {
			policies: []v1alpha1.WindowsBuildPolicy{
				newPolicy("a", build2022, withClass("win", "")),
				newPolicy("b", build2025, withClass("win", "")),
				newPolicy("c", build2025, withClass("win", "runhcs-custom")),
			},
			want: []Class{{
				Name: "win", Build: build(t, build2022), Handler: policy.HandlerProcess,
				Policies: []string{"a", "b", "c"},
				Conflict: `policy "a" wants it for build 10.0.20348, policy "b" for 10.0.26100`,
			}},
		},
		"a policy that does not compile wants nothing, and the plan is not complete": {
			policies: []v1alpha1.WindowsBuildPolicy{newPolicy("a", "latest"), newPolicy("b", build2025)},
			want: []Class{{
				Name: class2025, Build: build(t, build2025), Handler: policy.HandlerProcess,
				Tolerations: []corev1.Toleration{os2025}, Policies: []string{"b"},
			}},
			incomplete: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				plan := Desired(test.policies, fleet())
				var got []Class
				for _, name := range plan.Names() {
					class, _ := plan.Class(name)
					if len(class.Tolerations) == 0 {
						class.Tolerations = nil
					}
					got = append(got, *class)
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				if plan.Complete() == test.incomplete {
					t.Errorf("complete: %v", plan.Complete())
				}
				// The order in which policies are listed does not matter.
				slices.Reverse(test.policies)
			}
		})
	}
}

func TestStateOfAClass(t *testing.T) {
	planned := func(change ...func(*v1alpha1.WindowsBuildPolicy)) *Class {
		plan := Desired([]v1alpha1.WindowsBuildPolicy{newPolicy("a", build2022, change...)}, fleet())
		c, _ := plan.Class(plan.Names()[0])
		return c
	}
	selector := func(key, value string) func(*nodev1.RuntimeClass) {
		return func(c *nodev1.RuntimeClass) { c.Scheduling.NodeSelector[key] = value }
	}
	for name, test := range map[string]struct {
		live *nodev1.RuntimeClass
		want State
	}{
		"none is missing":                        {nil, StateMissing},
		"ours as planned is ready":               {class(), StateReady},
		"ours without scheduling has drifted":    {class(func(c *nodev1.RuntimeClass) { c.Scheduling = nil }), StateDrifted},
		"ours with a wider selector has drifted": {class(func(c *nodev1.RuntimeClass) { delete(c.Scheduling.NodeSelector, corev1.LabelWindowsBuild) }), StateDrifted},
		"ours with another toleration has drifted": {class(func(c *nodev1.RuntimeClass) {
			c.Scheduling.Tolerations = []corev1.Toleration{equals("os", "Windows")}
		}), StateDrifted},
		"ours with labels and overhead of somebody else's is ready": {class(func(c *nodev1.RuntimeClass) {
			c.Labels["team"] = "a"
			c.Overhead = &nodev1.Overhead{}
		}), StateReady},
		"ours with another handler has to be replaced":                 {class(withHandler("runhcs-custom")), StateOtherHandler},
		"somebody else's with our handler and selector is ready":       {class(foreign), StateReady},
		"somebody else's may name the architecture, too":               {class(foreign, selector(corev1.LabelArchStable, "amd64")), StateReady},
		"somebody else's needs no tolerations":                         {class(foreign, func(c *nodev1.RuntimeClass) { c.Scheduling.Tolerations = nil }), StateReady},
		"somebody else's with another handler is reported":             {class(foreign, withHandler("runhcs-custom")), StateForeign},
		"somebody else's for another build is reported":                {class(foreign, selector(corev1.LabelWindowsBuild, build2025)), StateForeign},
		"somebody else's for some nodes of the build only is reported": {class(foreign, selector("pool", "gpu")), StateForeign},
		"somebody else's that selects no nodes is reported":            {class(foreign, func(c *nodev1.RuntimeClass) { c.Scheduling = nil }), StateForeign},
	} {
		t.Run(name, func(t *testing.T) {
			if got := planned().StateOf(test.live); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	t.Run("each difference of somebody else's is named", func(t *testing.T) {
		got := planned().Differences(class(foreign, withHandler("gvisor"), func(c *nodev1.RuntimeClass) { c.Scheduling = nil }))
		want := []string{"its handler is gvisor, not runhcs-wcow-process", "it does not select the nodes of build 10.0.20348"}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
	t.Run("a class that policies disagree about is in conflict, whatever there is", func(t *testing.T) {
		c := planned()
		c.Conflict = "they disagree"
		if got := c.StateOf(class()); got != StateConflict {
			t.Errorf("got %s", got)
		}
	})
}
