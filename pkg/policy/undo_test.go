package policy_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// placedOn2022 is a pod of 2022 as a policy places it.
func placedOn2022(changes ...func(*workload.Pod)) *workload.Pod {
	pod := windowsPod([]string{"core:2022"},
		selecting(corev1.LabelOSStable, "windows"), selecting(corev1.LabelWindowsBuild, ws2022),
		inClass("windows-"+ws2022), tolerating(osTaintGKE))
	for _, change := range changes {
		change(pod)
	}
	return pod
}

func TestAPodBeforeItsPlacement(t *testing.T) {
	byPolicy := corev1.Toleration{Key: "team", Operator: corev1.TolerationOpExists}
	tolerations := func(spec *v1alpha1.WindowsBuildPolicySpec) {
		spec.Tolerations.Items = []corev1.Toleration{byPolicy}
	}
	audit := func(spec *v1alpha1.WindowsBuildPolicySpec) { spec.Mode = v1alpha1.ModeAudit }
	unpinned := windowsPod([]string{"core:2022"}, selecting(corev1.LabelOSStable, "windows"))
	for sentence, c := range map[string]struct {
		policy []func(*v1alpha1.WindowsBuildPolicySpec)
		class  *policy.RuntimeClass
		pod    *workload.Pod
		// want is nil where nothing changes.
		want *workload.Pod
	}{
		"selectors, class and tolerations go": {pod: placedOn2022(), want: unpinned},
		"the policy's own tolerations go, other ones stay": {
			policy: []func(*v1alpha1.WindowsBuildPolicySpec){tolerations},
			pod: placedOn2022(tolerating(gpuTaint), func(p *workload.Pod) {
				p.Spec.Tolerations = append(p.Spec.Tolerations, byPolicy)
			}),
			want: windowsPod([]string{"core:2022"}, selecting(corev1.LabelOSStable, "windows"), tolerating(gpuTaint)),
		},
		"what the class brought goes with it": {
			class: &policy.RuntimeClass{
				Name: "windows-" + ws2022, NodeSelector: map[string]string{
					corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: ws2022, "pool": "a",
				},
				Tolerations: []corev1.Toleration{{Key: "pool", Value: "a"}},
			},
			pod:  placedOn2022(selecting("pool", "a"), tolerating(corev1.Taint{Key: "pool", Value: "a"})),
			want: unpinned,
		},
		"other selectors stay": {
			pod:  placedOn2022(selecting("disk", "ssd")),
			want: windowsPod([]string{"core:2022"}, selecting(corev1.LabelOSStable, "windows"), selecting("disk", "ssd")),
		},
		"the build that a pod asks for stays": {
			pod:  placedOn2022(asking(ws2022)),
			want: windowsPod([]string{"core:2022"}, selecting(corev1.LabelOSStable, "windows"), asking(ws2022)),
		},
		"a pod without the class chose its build itself": {
			pod: windowsPod(nil, selecting(corev1.LabelOSStable, "windows"), selecting(corev1.LabelWindowsBuild, ws2022)),
		},
		"a pod with another class chose its build itself":   {pod: placedOn2022(inClass("own"))},
		"the class and the selector must be of one build":   {pod: placedOn2022(inClass("windows-" + ws2019))},
		"a build that the policy does not list is no one's": {pod: placedOn2022(selecting(corev1.LabelWindowsBuild, ws2016), inClass("windows-"+ws2016))},
		"a policy that only audits places nothing":          {policy: []func(*v1alpha1.WindowsBuildPolicySpec){audit}, pod: placedOn2022()},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := world{policies: []v1alpha1.WindowsBuildPolicy{buildPolicy(newestFirst, c.policy...)}, nodes: fleet()}
			if c.class != nil {
				w.classes = []policy.RuntimeClass{*c.class}
			}
			got := w.snapshot(t).BeforePlacement(c.pod, nil)
			if c.want == nil {
				if got != c.pod {
					t.Errorf("changed (-before +after):\n%s", cmp.Diff(c.pod, got))
				}
				return
			}
			if len(got.Spec.Tolerations) == 0 {
				got.Spec.Tolerations = nil
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPodBeforeItsPlacementIsPlacedInTheSameWayAgain(t *testing.T) {
	facts, again := populationWorld().facts(t), 0
	for _, pod := range population() {
		first, err := policy.Evaluate(&policy.Request{Pod: pod}, facts)
		if err != nil {
			t.Fatal(err)
		}
		// Who selects the build or names the class cannot be told from who was given them.
		_, chose := pod.Spec.NodeSelector[corev1.LabelWindowsBuild]
		if first.Choice() == nil || chose || pod.Spec.RuntimeClassName != nil {
			continue
		}
		second, err := policy.Evaluate(&policy.Request{Pod: facts.Snapshot.BeforePlacement(apply(pod, first.Edits), nil)}, facts)
		if err != nil {
			t.Fatal(err)
		}
		again++
		if second.Chosen != first.Chosen || second.Edits.RuntimeClassName != first.Edits.RuntimeClassName {
			t.Fatalf("pod %+v is placed at first by %+v, then by %+v", pod.Spec, first.Edits, second.Edits)
		}
	}
	if again < 300 {
		t.Errorf("only %d pods of the population were placed", again)
	}
}
