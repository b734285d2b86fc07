package impact

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

func TestPodsOfOneOwnerMadeAlikeAreOneWorkload(t *testing.T) {
	web := deployment("web")
	base := func(changes ...func(*workload.Pod)) *workload.Pod { return template([]string{"core:all"}, changes...) }
	for sentence, c := range map[string]struct {
		one, other Origin
		want       int
	}{
		"the same template": {Origin{"a", web, base(), false}, Origin{"a", web, base(), false}, 1},
		"another environment or command": {
			Origin{"a", web, base(), false},
			Origin{"a", web, base(func(p *workload.Pod) { p.Spec.Containers[0].Command = []string{"x"} }), false}, 1,
		},
		"labels that the controller adds": {
			Origin{"a", web, base(), false},
			Origin{"a", web, base(func(p *workload.Pod) {
				p.Metadata.Labels = map[string]string{appsv1.DefaultDeploymentUniqueLabelKey: "x"}
			}), false}, 1,
		},
		"labels that a policy may select by": {
			Origin{"a", web, base(), false},
			Origin{"a", web, base(func(p *workload.Pod) { p.Metadata.Labels = map[string]string{"tier": "x"} }), false}, 2,
		},
		"another image":         {Origin{"a", web, base(), false}, Origin{"a", web, template([]string{"core:2022"}), false}, 2},
		"another node selector": {Origin{"a", web, base(), false}, Origin{"a", web, base(selecting("disk", "ssd")), false}, 2},
		"another namespace":     {Origin{"a", web, base(), false}, Origin{"b", web, base(), false}, 2},
		"another owner":         {Origin{"a", web, base(), false}, Origin{"a", deployment("shop"), base(), false}, 2},
		"a pod and a template":  {Origin{"a", web, base(), false}, Origin{"a", web, base(), true}, 2},
	} {
		population := NewPopulation(nil)
		for _, origin := range []Origin{c.one, c.other} {
			var pods Pods
			pods.Add("p", "n")
			if err := population.Add(origin, &pods); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(population.Workloads()); got != c.want {
			t.Errorf("%s: %d workloads", sentence, got)
		}
	}
}

func TestPodsAreCountedByNodeInWhateverOrderTheyCome(t *testing.T) {
	var forth, back Pods
	pods := [][2]string{{"p1", "a"}, {"p2", "b"}, {"p3", "a"}, {"p4", "b"}, {"p5", "a"}}
	for i := range pods {
		forth.Add(pods[i][0], pods[i][1])
		last := pods[len(pods)-1-i]
		back.Add(last[0], last[1])
	}
	want := Pods{Count: 5, Nodes: []NodePods{{"a", 3}, {"b", 2}}, Samples: []string{"p1", "p2", "p3"}}
	for _, got := range []Pods{forth, back} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestBuildsOfPods(t *testing.T) {
	f := policy.CompileFleet(append(fleet(), node("odd", "latest")))
	pods := Pods{Nodes: []NodePods{{"a22", 1}, {"a19", 2}, {"gone", 3}, {"b22", 4}, {"odd", 5}}}
	want := []BuildPods{{build(t, ws2019), 2}, {build(t, ws2022), 5}}
	if diff := cmp.Diff(want, pods.Builds(f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got := pods.On(build(t, ws2022), f); got != 5 {
		t.Errorf("on 2022: %d", got)
	}
}

// What is left out of a template must not be able to change what is decided about it.
func TestWhatIsKeptOfATemplateDecidesTheSame(t *testing.T) {
	now := snapshot(t, fleet(), func(spec *v1alpha1.WindowsBuildPolicySpec) {
		spec.Inference.WindowsPods = v1alpha1.WindowsInferenceInfer
	})
	facts := &policy.Facts{Snapshot: now, Images: registry()}
	settings := map[string]func(*workload.Pod){
		"nothing else":     func(*workload.Pod) {},
		"no system":        func(p *workload.Pod) { p.Spec.OS = nil },
		"a build selected": selecting(corev1.LabelWindowsBuild, ws2019),
		"a build asked":    asking(ws2019),
		"a class":          func(p *workload.Pod) { p.Spec.RuntimeClassName = ptr.To("windows-" + ws2019) },
		"a node":           func(p *workload.Pod) { p.Spec.NodeName = "a19" },
		"tolerations": func(p *workload.Pod) {
			p.Spec.Tolerations = []corev1.Toleration{{Operator: corev1.TolerationOpExists}}
		},
		"an affinity": func(p *workload.Pod) {
			p.Spec.Affinity = &workload.Affinity{NodeAffinity: &workload.NodeAffinity{Required: &corev1.NodeSelector{
				NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchExpressions: []corev1.NodeSelectorRequirement{
					{Key: corev1.LabelWindowsBuild, Operator: corev1.NodeSelectorOpIn, Values: []string{ws2022}},
				}}},
			}}}
		},
		"processes of the host": func(p *workload.Pod) {
			p.Spec.SecurityContext = &workload.SecurityContext{WindowsOptions: &workload.WindowsOptions{HostProcess: ptr.To(true)}}
		},
		"containers that are processes of the host": func(p *workload.Pod) {
			p.Spec.Containers[0].SecurityContext = &workload.SecurityContext{WindowsOptions: &workload.WindowsOptions{HostProcess: ptr.To(true)}}
		},
		"an init container": func(p *workload.Pod) {
			p.Spec.InitContainers = []workload.Container{{Name: "init", Image: "core:2019"}}
		},
		"volumes and ports": func(p *workload.Pod) {
			p.Spec.HostNetwork = true
			p.Spec.Volumes = []workload.Volume{{Name: "v", HostPath: &workload.HostPath{Path: "/var"}}}
			p.Metadata.Annotations = map[string]string{"a": "b"}
		},
	}
	for _, image := range []string{"core:2019", "core:2022", "core:all", "down"} {
		for sentence, change := range settings {
			whole := template([]string{image}, change)
			var texts [2]string
			for i, pod := range []*workload.Pod{whole, Relevant(whole, false)} {
				decision, err := policy.Evaluate(&policy.Request{Pod: pod, NamespaceLabels: map[string]string{"team": "a"}, Subject: policy.Template}, facts)
				if err != nil {
					t.Fatal(err)
				}
				for k := range decision.Candidates {
					texts[i] += decision.Candidates[k].Message() + "\n"
				}
				if decision.Denial != nil {
					texts[i] += decision.Denial.String()
				}
			}
			if diff := cmp.Diff(texts[0], texts[1]); diff != "" {
				t.Errorf("%s with %s (-whole +kept):\n%s", image, sentence, diff)
			}
		}
	}
}
