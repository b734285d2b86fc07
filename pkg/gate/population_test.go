package gate

import (
	"math/rand/v2"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// generator makes a population: every seed gives the same one each time.
type generator struct{ *rand.Rand }

func newGenerator(seed uint64) *generator { return &generator{rand.New(rand.NewPCG(seed, seed))} }

func oneOf[T any](g *generator, values ...T) T { return values[g.IntN(len(values))] }

// sometimes is true once in n times.
func (g *generator) sometimes(n int) bool { return g.IntN(n) == 0 }

func (g *generator) nodes() []policy.Node {
	var nodes []policy.Node
	for _, build := range []string{ws2019, ws2022, ws2025} {
		for number := range g.IntN(3) {
			made := node(build+string(rune('a'+number)), build)
			made.Ready = !g.sometimes(3)
			made.Unschedulable = g.sometimes(6)
			if g.sometimes(3) {
				made.Labels["disk"] = "ssd"
			}
			if g.sometimes(4) {
				made.Taints = append(made.Taints, corev1.Taint{Key: "dedicated", Value: "gpu", Effect: corev1.TaintEffectNoSchedule})
			}
			nodes = append(nodes, made)
		}
	}
	return nodes
}

// policy is a policy that any nodes may be under.
func (g *generator) policy(t *testing.T) func([]policy.Node) *policy.Snapshot {
	t.Helper()
	names := []string{ws2019, ws2022, ws2025}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var builds []v1alpha1.BuildRule
	for _, name := range names[:1+g.IntN(3)] {
		builds = append(builds, v1alpha1.BuildRule{
			Build: name, State: oneOf(g, "", "", v1alpha1.BuildActive, v1alpha1.BuildPreview, v1alpha1.BuildDeprecated, v1alpha1.BuildRetired),
		})
	}
	return func(nodes []policy.Node) *policy.Snapshot { return snapshotOf(t, nodes, builds...) }
}

func (g *generator) template() corev1.PodTemplateSpec {
	var references []string
	for range 1 + g.IntN(2) {
		references = append(references, oneOf(g, "core:2019", "core:2022", "core:2025", "core:all", "core:all", "core:down"))
	}
	template := windows(references...)
	if g.sometimes(4) {
		template = selecting(template, oneOf(g, "disk", corev1.LabelWindowsBuild, corev1.LabelHostname), oneOf(g, "ssd", ws2019, ws2022+"a"))
	}
	if g.sometimes(3) {
		template.Spec.Tolerations = []corev1.Toleration{{Key: "dedicated", Operator: corev1.TolerationOpExists}}
	}
	if g.sometimes(6) {
		template.Labels = map[string]string{v1alpha1.LabelWindowsBuild: oneOf(g, ws2019, ws2022, ws2025)}
	}
	return template
}
