package manifests_test

import (
	"math/rand/v2"
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/admission"
	"sigs.k8s.io/randfill"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// whatever makes pods with arbitrary contents, many of them about operating systems.
func whatever(seed uint64) func() *corev1.Pod {
	random := rand.New(rand.NewPCG(seed, 0))
	keys := []string{corev1.LabelOSStable, "beta.kubernetes.io/os", corev1.LabelWindowsBuild, "disk"}
	values := []string{"windows", "linux", "10.0.20348"}
	operators := []corev1.NodeSelectorOperator{"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"}
	pick := func(of []string) string { return of[random.IntN(len(of))] }

	filler := randfill.NewWithSeed(int64(seed)).NilChance(0.6).NumElements(0, 2).Funcs(
		func(os *corev1.PodOS, _ randfill.Continue) { os.Name = corev1.OSName(pick(values[:2])) },
		func(r *corev1.NodeSelectorRequirement, _ randfill.Continue) {
			r.Key, r.Operator = pick(keys), operators[random.IntN(len(operators))]
			for range random.IntN(3) {
				r.Values = append(r.Values, pick(values))
			}
		},
		func(spec *corev1.PodSpec, c randfill.Continue) {
			c.FillNoCustom(spec)
			spec.NodeSelector = nil
			if random.IntN(3) == 0 {
				spec.NodeSelector = map[string]string{pick(keys): pick(values)}
			}
		},
	)
	return func() *corev1.Pod {
		var p corev1.Pod
		filler.Fill(&p)
		return &p
	}
}

func TestNoPodAndNoTemplateMakesAConditionFail(t *testing.T) {
	for server, api := range apiServers(t, defaultOverlay) {
		t.Run(server, func(t *testing.T) {
			next := whatever(1)
			for range 100 {
				p, old := next(), next()
				api.calls(t, request{operation: admission.Create, object: p.DeepCopy()})
				api.calls(t, request{operation: admission.Update, object: p.DeepCopy(), old: old})
				for _, object := range makers(p) {
					api.calls(t, request{operation: admission.Create, object: object})
				}
			}
		})
	}
}

// The policy evaluation decides which pods are for Windows. A pod that it would place or refuse has to be
// shown to it, and to a webhook that may refuse.
func TestEveryPodThatThePolicyTakesForAWindowsPodIsShownToIt(t *testing.T) {
	snapshot := everyBuild(t)
	for server, api := range apiServers(t, defaultOverlay) {
		t.Run(server, func(t *testing.T) {
			next := whatever(2)
			pods := make([]*corev1.Pod, 0, len(newPods)+1000)
			for _, test := range newPods {
				pods = append(pods, test.pod)
			}
			for range 600 {
				pods = append(pods, next())
			}
			seen := 0
			for _, p := range pods {
				if !isWindows(t, snapshot, p) {
					continue
				}
				seen++
				called := api.calls(t, request{operation: admission.Create, object: p.DeepCopy()})
				judged := slices.Contains(called, validatePods) || slices.Contains(called, validateClasses)
				if !slices.Contains(called, mutatePods) || !judged {
					t.Errorf("a Windows pod is shown to %v only: nodeSelector %v, class %v, affinity %v",
						called, p.Spec.NodeSelector, p.Spec.RuntimeClassName, p.Spec.Affinity)
				}
			}
			if seen < 100 {
				t.Errorf("%d of %d pods were Windows pods: too few to prove anything", seen, len(pods))
			}
		})
	}
}

// everyBuild is a cluster with a policy for all pods and a RuntimeClass of which only the handler tells that it
// is for Windows.
func everyBuild(t *testing.T) *policy.Snapshot {
	t.Helper()
	var object v1alpha1.WindowsBuildPolicy
	object.Name = "all"
	object.Spec.Mode = v1alpha1.ModeEnforce
	object.Spec.Builds = []v1alpha1.BuildRule{{Build: "10.0.20348", State: v1alpha1.BuildActive, Isolation: v1alpha1.IsolationProcess}}
	compiled, err := policy.Compile(&object)
	if err != nil {
		t.Fatal(err)
	}
	classes := []policy.RuntimeClass{{Name: "isolated", Handler: policy.HandlerProcess}}
	return policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled}), policy.CompileFleet(nil), classes)
}

// isWindows asks the policy evaluation, with images of which nothing is known.
func isWindows(t *testing.T, snapshot *policy.Snapshot, p *corev1.Pod) bool {
	t.Helper()
	req := &policy.Request{Pod: workload.FromPod(p)}
	images := map[string]policy.ImageResult{}
	for _, reference := range policy.References(req, snapshot) {
		images[reference] = policy.ImageResult{Problem: &policy.ImageProblem{}}
	}
	decision, err := policy.Evaluate(req, &policy.Facts{Snapshot: snapshot, Images: images})
	if err != nil {
		t.Fatal(err)
	}
	return decision.Windows
}
