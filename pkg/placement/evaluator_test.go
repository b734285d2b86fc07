package placement_test

import (
	"context"
	"errors"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

type cluster struct {
	snapshot *policy.Snapshot
	err      error
}

func (c cluster) Snapshot() *policy.Snapshot { return c.snapshot }

func (c cluster) NamespaceLabels(context.Context, string) (map[string]string, error) {
	return nil, c.err
}

// registry knows every image as one for Windows Server 2022, and remembers what it was asked.
type registry struct {
	asked        []string
	fromTemplate bool
}

func (r *registry) Facts(_ context.Context, _ *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult {
	r.asked, r.fromTemplate = references, fromTemplate
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		facts[reference] = policy.ImageResult{Image: &policy.Image{Platforms: []policy.Platform{
			{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.1"},
		}}}
	}
	return facts
}

func snapshot(t *testing.T) *policy.Snapshot {
	t.Helper()
	offer := &v1alpha1.WindowsBuildPolicy{}
	offer.Name = "default"
	offer.Spec.Builds = []v1alpha1.BuildRule{{Build: "10.0.20348"}}
	compiled, err := policy.Compile(offer)
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled}), nil, nil)
}

func pod(os corev1.OSName) *workload.Pod {
	return &workload.Pod{Spec: workload.PodSpec{
		OS: &corev1.PodOS{Name: os}, Containers: []workload.Container{{Name: "web", Image: "web:1"}},
	}}
}

func TestNothingIsDecidedBeforeTheClusterIsKnown(t *testing.T) {
	images := &registry{}
	_, err := placement.NewEvaluator(cluster{}, images).Evaluate(t.Context(), pod(corev1.Windows), policy.NewPod)
	if !errors.Is(err, placement.ErrNotReady) {
		t.Errorf("error is %v", err)
	}
	if images.asked != nil {
		t.Errorf("asked about %v", images.asked)
	}
}

func TestANamespaceThatCannotBeReadIsAnError(t *testing.T) {
	away := errors.New("away")
	_, err := placement.NewEvaluator(cluster{snapshot(t), away}, &registry{}).Evaluate(t.Context(), pod(corev1.Windows), policy.NewPod)
	if !errors.Is(err, away) {
		t.Errorf("error is %v", err)
	}
}

func TestRegistriesAreAskedOnlyAboutWindowsPods(t *testing.T) {
	for os, want := range map[corev1.OSName]int{corev1.Windows: 1, corev1.Linux: 0} {
		images := &registry{}
		decision, err := placement.NewEvaluator(cluster{snapshot(t), nil}, images).Evaluate(t.Context(), pod(os), policy.Template)
		if err != nil {
			t.Fatal(err)
		}
		if len(images.asked) != want || decision.Windows != (want == 1) {
			t.Errorf("%s: asked about %v, decided %+v", os, images.asked, decision)
		}
		if want == 1 && !images.fromTemplate {
			t.Error("a template's service account was not asked for")
		}
	}
}

func TestDecisionsAreCountedWithoutNames(t *testing.T) {
	gatherer := prometheus.NewRegistry()
	metrics, err := placement.NewMetrics(gatherer)
	if err != nil {
		t.Fatal(err)
	}
	stage := metrics.Stage("mutate")
	stage.ObserveDecision(&policy.Decision{Policy: "p", Mode: v1alpha1.ModeEnforce, Windows: true, Candidates: []policy.Candidate{{Ready: true}}})
	stage.ObserveDecision(&policy.Decision{
		Policy: "p", Mode: v1alpha1.ModeEnforce, Windows: true, Candidates: []policy.Candidate{{Reason: policy.ReasonNoReadyNode}},
	})
	stage.ObserveDecision(&policy.Decision{
		Policy: "p", Mode: v1alpha1.ModeAudit, Windows: true, Chosen: -1, Denial: &policy.Finding{Reason: policy.ReasonLinuxImage},
	})
	stage.ObserveDecision(&policy.Decision{Chosen: -1})

	counted, err := gatherer.Gather()
	if err != nil {
		t.Fatal(err)
	}
	if len(counted) != 1 || len(counted[0].GetMetric()) != 3 {
		t.Fatalf("counted %v", counted)
	}
	if problems, err := testutil.GatherAndLint(gatherer); err != nil || len(problems) > 0 {
		t.Errorf("metrics that do not follow the conventions: %v, %v", problems, err)
	}
}
