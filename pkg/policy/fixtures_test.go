package policy_test

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	ws2016 = "10.0.14393"
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
	ws2025 = "10.0.26100"
)

var (
	osTaint    = corev1.Taint{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}
	osTaintGKE = corev1.Taint{Key: "node.kubernetes.io/os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}
	gpuTaint   = corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule}
)

// node makes a Ready Windows node of a build.
func node(name, build string, changes ...func(*policy.Node)) policy.Node {
	n := policy.Node{
		Name:          name,
		Ready:         true,
		KernelVersion: build + ".1000",
		Labels: map[string]string{
			corev1.LabelOSStable:     "windows",
			corev1.LabelArchStable:   "amd64",
			corev1.LabelHostname:     name,
			corev1.LabelWindowsBuild: build,
		},
	}
	for _, change := range changes {
		change(&n)
	}
	return n
}

func notReady(n *policy.Node) { n.Ready = false }

func tainted(taints ...corev1.Taint) func(*policy.Node) {
	return func(n *policy.Node) { n.Taints = taints }
}

func labelled(key, value string) func(*policy.Node) {
	return func(n *policy.Node) { n.Labels[key] = value }
}

// fleet is two nodes of each build, all Ready.
func fleet() []policy.Node {
	return []policy.Node{
		node("a19", ws2019, tainted(osTaint)), node("b19", ws2019, tainted(osTaint)),
		node("a22", ws2022, tainted(osTaintGKE)), node("b22", ws2022, tainted(osTaintGKE)),
		node("a25", ws2025), node("b25", ws2025),
	}
}

// buildPolicy makes a policy of builds in order of preference.
func buildPolicy(builds []string, changes ...func(*v1alpha1.WindowsBuildPolicySpec)) v1alpha1.WindowsBuildPolicy {
	p := v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "default"}}
	for _, build := range builds {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	for _, change := range changes {
		change(&p.Spec)
	}
	return p
}

// rule changes the rule of one build.
func rule(build string, change func(*v1alpha1.BuildRule)) func(*v1alpha1.WindowsBuildPolicySpec) {
	return func(spec *v1alpha1.WindowsBuildPolicySpec) {
		for i := range spec.Builds {
			if spec.Builds[i].Build == build {
				change(&spec.Builds[i])
			}
		}
	}
}

func state(build string, s v1alpha1.BuildState) func(*v1alpha1.WindowsBuildPolicySpec) {
	return rule(build, func(r *v1alpha1.BuildRule) { r.State = s })
}

func hyperV(build string) func(*v1alpha1.WindowsBuildPolicySpec) {
	return rule(build, func(r *v1alpha1.BuildRule) { r.Isolation = v1alpha1.IsolationHyperV })
}

var newestFirst = []string{ws2025, ws2022, ws2019}

// world is everything a decision depends on.
type world struct {
	policies []v1alpha1.WindowsBuildPolicy
	nodes    []policy.Node
	classes  []policy.RuntimeClass
	images   map[string]policy.ImageResult
}

func (w world) snapshot(t testing.TB) *policy.Snapshot {
	t.Helper()
	compiled := make([]*policy.Policy, len(w.policies))
	for i := range w.policies {
		var err error
		if compiled[i], err = policy.Compile(&w.policies[i]); err != nil {
			t.Fatalf("compiling policy %q: %v", w.policies[i].Name, err)
		}
	}
	return policy.NewSnapshot(policy.NewPolicies(compiled), policy.CompileFleet(w.nodes), w.classes)
}

func (w world) facts(t testing.TB) *policy.Facts {
	t.Helper()
	images := map[string]policy.ImageResult{}
	for _, known := range []map[string]policy.ImageResult{registryImages(), w.images} {
		for reference, result := range known {
			images[reference] = result
		}
	}
	return &policy.Facts{Snapshot: w.snapshot(t), Images: images}
}

func (w world) evaluate(t testing.TB, req *policy.Request) policy.Decision {
	t.Helper()
	decision, err := policy.Evaluate(req, w.facts(t))
	if err != nil {
		t.Fatalf("evaluating: %v", err)
	}
	return decision
}

// registryImages are images shaped like the published ones.
func registryImages() map[string]policy.ImageResult {
	return map[string]policy.ImageResult{
		"core:2019":   windowsIndex("core:2019", "10.0.17763.5000"),
		"core:2022":   windowsIndex("core:2022", "10.0.20348.2700"),
		"core:2025":   windowsIndex("core:2025", "10.0.26100.100"),
		"multi:all":   windowsIndex("multi:all", "10.0.17763.5000", "10.0.20348.2700", "10.0.26100.100"),
		"multi:old":   windowsIndex("multi:old", "10.0.17763.5000", "10.0.20348.2700"),
		"single:2019": {Image: &policy.Image{Platforms: []policy.Platform{windows("10.0.17763.5000")}}},
		"single:2022": {Image: &policy.Image{Platforms: []policy.Platform{windows("10.0.20348.2700")}}},
		"silent:1":    {Image: &policy.Image{Platforms: []policy.Platform{windows("")}}},
		"linux:1":     {Image: &policy.Image{Index: true, Platforms: []policy.Platform{linux("amd64"), linux("arm64")}}},
		"mixed:1": {Image: &policy.Image{Index: true, Platforms: []policy.Platform{
			linux("amd64"), windows("10.0.17763.5000"), windows("10.0.20348.2700"),
		}}},
		"arm:1": {Image: &policy.Image{Index: true, Platforms: []policy.Platform{
			{OS: "windows", Architecture: "arm64", OSVersion: "10.0.26100.100"},
		}}},
		"down:1": {Problem: &policy.ImageProblem{Reason: policy.ImageUnreachable, Message: "registry down does not answer"}},
	}
}

func windowsIndex(reference string, versions ...string) policy.ImageResult {
	image := &policy.Image{Reference: reference, Index: true}
	for _, version := range versions {
		image.Platforms = append(image.Platforms, windows(version))
	}
	return policy.ImageResult{Image: image}
}

func windows(version string) policy.Platform {
	return policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: version}
}

func linux(architecture string) policy.Platform {
	return policy.Platform{OS: "linux", Architecture: architecture}
}

// windowsPod makes a pod that says it is for Windows, with a container for each image.
func windowsPod(images []string, changes ...func(*workload.Pod)) *workload.Pod {
	pod := &workload.Pod{Spec: workload.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}}
	for _, image := range images {
		name, _, _ := strings.Cut(image, ":")
		pod.Spec.Containers = append(pod.Spec.Containers, workload.Container{Name: name, Image: image})
	}
	for _, change := range changes {
		change(pod)
	}
	return pod
}

func selecting(key, value string) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		if pod.Spec.NodeSelector == nil {
			pod.Spec.NodeSelector = map[string]string{}
		}
		pod.Spec.NodeSelector[key] = value
	}
}

func asking(build string) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		pod.Metadata.Labels = map[string]string{v1alpha1.LabelWindowsBuild: build}
	}
}

func inClass(name string) func(*workload.Pod) {
	return func(pod *workload.Pod) { pod.Spec.RuntimeClassName = ptr.To(name) }
}

func tolerating(taint corev1.Taint) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
			Key: taint.Key, Operator: corev1.TolerationOpEqual, Value: taint.Value, Effect: taint.Effect,
		})
	}
}

// requiring gives the pod required node affinity, a term for each argument.
func requiring(terms ...corev1.NodeSelectorTerm) func(*workload.Pod) {
	return func(pod *workload.Pod) {
		pod.Spec.Affinity = &workload.Affinity{NodeAffinity: &workload.NodeAffinity{
			Required: &corev1.NodeSelector{NodeSelectorTerms: terms},
		}}
	}
}

func expression(key string, operator corev1.NodeSelectorOperator, values ...string) corev1.NodeSelectorTerm {
	return corev1.NodeSelectorTerm{MatchExpressions: []corev1.NodeSelectorRequirement{{Key: key, Operator: operator, Values: values}}}
}

func onNode(name string) corev1.NodeSelectorTerm {
	return corev1.NodeSelectorTerm{MatchFields: []corev1.NodeSelectorRequirement{
		{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{name}},
	}}
}

func hostProcess(pod *workload.Pod) {
	pod.Spec.SecurityContext = &workload.SecurityContext{WindowsOptions: &workload.WindowsOptions{HostProcess: ptr.To(true)}}
	pod.Spec.HostNetwork = true
}

func notSayingOS(pod *workload.Pod) { pod.Spec.OS = nil }
