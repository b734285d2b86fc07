package impact

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
	ws2025 = "10.0.26100"
)

func build(t testing.TB, name string) policy.Build {
	t.Helper()
	b, err := policy.ParseBuild(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// node is a Ready node of a build, tainted as a Windows node.
func node(name, build string, changes ...func(*policy.Node)) policy.Node {
	n := policy.Node{
		Name: name, Ready: true,
		Labels: map[string]string{corev1.LabelOSStable: "windows", corev1.LabelHostname: name, corev1.LabelWindowsBuild: build},
		Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
	}
	for _, change := range changes {
		change(&n)
	}
	return n
}

func away(n *policy.Node) { n.Ready = false }

func labelled(key, value string) func(*policy.Node) {
	return func(n *policy.Node) { n.Labels[key] = value }
}

// fleet is two nodes of 2019, which are a19 and b19, and two of 2022.
func fleet() []policy.Node {
	return []policy.Node{node("a19", ws2019), node("b19", ws2019), node("a22", ws2022), node("b22", ws2022)}
}

// compiled is the policy "general", which offers 2022 and 2019 to namespaces with the label team.
func compiled(t testing.TB, changes ...func(*v1alpha1.WindowsBuildPolicySpec)) *policy.Policy {
	t.Helper()
	p := v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "general"}}
	p.Spec.NamespaceSelector = &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpExists}},
	}
	p.Spec.Builds = []v1alpha1.BuildRule{{Build: ws2022}, {Build: ws2019}}
	for _, change := range changes {
		change(&p.Spec)
	}
	c, err := policy.Compile(&p)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func state(build string, s v1alpha1.BuildState) func(*v1alpha1.WindowsBuildPolicySpec) {
	return func(spec *v1alpha1.WindowsBuildPolicySpec) {
		for i := range spec.Builds {
			if spec.Builds[i].Build == build {
				spec.Builds[i].State = s
			}
		}
	}
}

func snapshot(t testing.TB, nodes []policy.Node, changes ...func(*v1alpha1.WindowsBuildPolicySpec)) *policy.Snapshot {
	t.Helper()
	return policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled(t, changes...)}), policy.CompileFleet(nodes), nil)
}

func assume(t testing.TB, s *policy.Snapshot, a policy.Assumption) *policy.Snapshot {
	t.Helper()
	then, err := s.Assume(&a)
	if err != nil {
		t.Fatal(err)
	}
	return then
}

// upgraded is the cluster with its 2019 nodes upgraded to 2022.
func upgraded(t testing.TB) policy.Assumption {
	t.Helper()
	return policy.Assumption{Upgrades: map[policy.Build]policy.Build{build(t, ws2019): build(t, ws2022)}}
}

// registry is what registries say of images.
func registry() map[string]policy.ImageResult {
	windows := func(versions ...string) policy.ImageResult {
		image := &policy.Image{Index: true}
		for _, version := range versions {
			image.Platforms = append(image.Platforms, policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: version})
		}
		return policy.ImageResult{Image: image}
	}
	return map[string]policy.ImageResult{
		"core:2019": windows(ws2019 + ".1"), "core:2022": windows(ws2022 + ".1"), "core:all": windows(ws2019+".1", ws2022+".1"),
		"down": {Problem: &policy.ImageProblem{Reason: policy.ImageUnreachable, Message: "registry down does not answer"}},
	}
}

// template is what a Windows pod is made from, with a container for each image.
func template(images []string, changes ...func(*workload.Pod)) *workload.Pod {
	pod := &workload.Pod{Spec: workload.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}}
	for i, image := range images {
		pod.Spec.Containers = append(pod.Spec.Containers, workload.Container{Name: fmt.Sprintf("c%d", i), Image: image})
	}
	for _, change := range changes {
		change(pod)
	}
	return pod
}

func selecting(key, value string) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		pod.Spec.NodeSelector = maps.Clone(pod.Spec.NodeSelector)
		if pod.Spec.NodeSelector == nil {
			pod.Spec.NodeSelector = map[string]string{}
		}
		pod.Spec.NodeSelector[key] = value
	}
}

func asking(build string) func(*workload.Pod) {
	return func(pod *workload.Pod) { pod.Metadata.Labels = map[string]string{v1alpha1.LabelWindowsBuild: build} }
}

// placedOn gives a pod what the policy gives it for a build.
func placedOn(build string) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		selecting(corev1.LabelOSStable, "windows")(pod)
		selecting(corev1.LabelWindowsBuild, build)(pod)
		pod.Spec.RuntimeClassName = ptr.To("windows-" + build)
		pod.Spec.Tolerations = []corev1.Toleration{{Key: "os", Operator: corev1.TolerationOpEqual, Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	}
}

// running is a workload of team a with a pod on each of the nodes.
func running(t testing.TB, owner Owner, pod *workload.Pod, nodes ...string) *Workload {
	t.Helper()
	return runningIn(t, "team-a", owner, pod, nodes...)
}

func runningIn(t testing.TB, namespace string, owner Owner, pod *workload.Pod, nodes ...string) *Workload {
	t.Helper()
	population := NewPopulation(map[string]map[string]string{"team-a": {"team": "a"}, "team-b": {"team": "b"}})
	var pods Pods
	for i, node := range nodes {
		pods.Add(fmt.Sprintf("%s-%d", owner.Name, i), node)
	}
	origin := Origin{Namespace: namespace, Owner: owner, Template: pod, Bare: owner.Kind == KindPod}
	if err := population.Add(origin, &pods); err != nil {
		t.Fatal(err)
	}
	return population.Workloads()[0]
}

func deployment(name string) Owner { return Owner{Kind: "Deployment", Name: name} }

// answers are images that are answered from a table, to those who have the right to ask.
type answers struct {
	results map[string]policy.ImageResult
	// refuses lists the namespaces whose pods have no credentials.
	refuses []string
	asked   func(ctx context.Context, pod *workload.Pod, reference string, fromTemplate bool)
}

func (a *answers) Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult {
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		if a.asked != nil {
			a.asked(ctx, pod, reference, fromTemplate)
		}
		facts[reference] = a.results[reference]
		if slices.Contains(a.refuses, pod.Metadata.Namespace) {
			facts[reference] = policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageUnauthorized, Message: "refused"}}
		}
	}
	return facts
}
