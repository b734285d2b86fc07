package review_test

import (
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// generator makes a population: every number gives the same one each time.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) *generator {
	return &generator{rand.New(rand.NewPCG(seed, seed))}
}

func oneOf[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

// sometimes is true once in n times.
func (g *generator) sometimes(n int) bool { return g.IntN(n) == 0 }

func (g *generator) world(t *testing.T) *world {
	t.Helper()
	policies := []*v1alpha1.WindowsBuildPolicy{g.policy("default")}
	if g.sometimes(3) {
		special := g.policy("special")
		special.Spec.Priority = oneOf(g, int32(-1), 0, 1)
		special.Spec.NamespaceSelector = &metav1.LabelSelector{MatchLabels: map[string]string{"team": oneOf(g, "a", "b")}}
		policies = append(policies, special)
	}
	w := newWorld(t, policies...)
	w.cluster.snapshot = snapshotOf(t, g.fleet(), policies...)
	return w
}

func (g *generator) policy(name string) *v1alpha1.WindowsBuildPolicy {
	builds := []string{ws2019, ws2022, ws2025}
	g.Shuffle(len(builds), func(i, j int) { builds[i], builds[j] = builds[j], builds[i] })
	p := offering(name, builds[:1+g.IntN(3)]...)
	for i := range p.Spec.Builds {
		p.Spec.Builds[i].State = oneOf(g, "", "", v1alpha1.BuildActive, v1alpha1.BuildPreview, v1alpha1.BuildDeprecated, v1alpha1.BuildRetired)
		p.Spec.Builds[i].Isolation = oneOf(g, "", "", v1alpha1.IsolationProcess, v1alpha1.IsolationHyperV)
	}
	p.Spec.Mode = oneOf(g, "", v1alpha1.ModeEnforce, v1alpha1.ModeWarn, v1alpha1.ModeAudit)
	p.Spec.WhenNoReadyNode = oneOf(g, "", v1alpha1.NoReadyNodeAdmit, v1alpha1.NoReadyNodeDeny)
	p.Spec.Images.WhenUnresolved = oneOf(g, "", v1alpha1.UnresolvedAdmit, v1alpha1.UnresolvedDeny)
	p.Spec.Images.WhenVersionUnknown = oneOf(g, "", v1alpha1.ImageFindingWarn, v1alpha1.ImageFindingDeny)
	p.Spec.Images.FloatingReferences = oneOf(g, "", v1alpha1.ImageFindingAllow, v1alpha1.ImageFindingWarn)
	p.Spec.Inference.WindowsPods = oneOf(g, "", v1alpha1.WindowsInferenceInfer)
	p.Spec.Inference.LinuxPods = oneOf(g, "", v1alpha1.LinuxInferencePin)
	p.Spec.DaemonSets.Templates = oneOf(g, "", v1alpha1.DaemonSetTemplateMutate)
	return p
}

func (g *generator) fleet() []policy.Node {
	var nodes []policy.Node
	for _, build := range []string{ws2019, ws2022, ws2025} {
		for number := range g.IntN(3) {
			made := node(build+string(rune('a'+number)), build)
			made.Ready = !g.sometimes(4)
			made.Unschedulable = g.sometimes(6)
			if g.sometimes(2) {
				made.Taints = []corev1.Taint{oneOf(g, osTaint, corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule})}
			}
			nodes = append(nodes, made)
		}
	}
	return nodes
}

func (g *generator) object() map[string]any {
	pod := windowsPod(g.podFields(), g.references()...)
	metadata := map[string]any{"name": "web"}
	if g.sometimes(4) {
		metadata["labels"] = map[string]any{v1alpha1.LabelWindowsBuild: oneOf(g, ws2019, ws2022, ws2025, "ltsc2022")}
	}
	pod["metadata"] = metadata
	if spec, ok := pod["spec"].(map[string]any); ok && g.sometimes(3) {
		delete(spec, "os")
	}
	kind := oneOf(g, "Pod", "Pod", "Deployment", "DaemonSet")
	if kind == "Pod" {
		return pod
	}
	return map[string]any{
		"apiVersion": "apps/v1", "kind": kind, "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"template": map[string]any{"metadata": metadata, "spec": pod["spec"]}},
	}
}

func (g *generator) references() []string {
	var references []string
	for range 1 + g.IntN(3) {
		references = append(references, oneOf(g, "core:2019", "core:2022", "core:2022", "core:2025", "core:multi", "core:multi",
			"core:stale", "core:mute", "mixed:1", "linux:1", "down:1", "missing:1", "mcr.microsoft.com/windows/nanoserver:ltsc2022"))
	}
	return references
}

// podFields are fields of a pod that its placement may depend on.
func (g *generator) podFields() map[string]any {
	fields := map[string]any{}
	if g.sometimes(3) {
		fields["nodeSelector"] = map[string]any{
			oneOf(g, corev1.LabelWindowsBuild, corev1.LabelOSStable, corev1.LabelHostname, "pool/name"): oneOf(g, ws2019, ws2022, "windows", "linux", "a"),
		}
	}
	if g.sometimes(4) {
		fields["runtimeClassName"] = oneOf(g, "isolated", "windows-"+ws2022, "unknown", "")
	}
	if g.sometimes(4) {
		fields["tolerations"] = []any{oneOf(g,
			map[string]any{"operator": "Exists"},
			map[string]any{"key": "os", "operator": "Equal", "value": "windows", "effect": "NoSchedule"},
			map[string]any{"key": "dedicated", "operator": "Exists"})}
	}
	if g.sometimes(5) {
		fields["affinity"] = map[string]any{"nodeAffinity": map[string]any{
			"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": []any{map[string]any{
				"matchExpressions": []any{map[string]any{
					"key": oneOf(g, corev1.LabelWindowsBuild, corev1.LabelOSStable), "operator": oneOf(g, "In", "NotIn"), "values": []any{oneOf(g, ws2022, "windows", "linux")},
				}},
			}}},
		}}
	}
	if g.sometimes(6) {
		fields["hostNetwork"] = true
	}
	if g.sometimes(6) {
		fields["securityContext"] = oneOf(g,
			map[string]any{"runAsUser": 1}, map[string]any{"windowsOptions": map[string]any{"hostProcess": true}})
	}
	return fields
}
