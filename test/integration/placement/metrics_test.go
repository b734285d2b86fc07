package placement_test

import (
	"net/http"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/registry"
)

func scrape(t *testing.T, program *install.Program) map[string]*dto.MetricFamily {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, program.MetricsURL(), http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	response, err := new(http.Client).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(response.Body)
	if err != nil {
		t.Fatalf("reading the metrics of %s: %v", program.Name(), err)
	}
	return families
}

func TestMetricsCountWhatHappensAndNameNobody(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	pod := scene.ExpectPlaced(scene.Pod(shared.Image(core2022)), ws2022)
	scene.ExpectRefused(scene.Pod(shared.Image(core2025)))
	scene.ExpectAdmitted(scene.Pod(scene.FaultyRegistry(registry.Status(404)).Reference(core2022)))

	families := scrape(t, shared.Mullion.Webhooks[0])
	for _, name := range []string{
		"mullion_admission_reviews_total", "mullion_admission_review_duration_seconds", "mullion_decisions_total",
		"mullion_image_answers_total", "mullion_image_lookup_duration_seconds",
		"mullion_clusterstate_policies", "mullion_clusterstate_windows_nodes", "mullion_clusterstate_runtime_classes",
		"mullion_serving_certificate_expiry_timestamp_seconds",
	} {
		if families[name] == nil {
			t.Errorf("there is no metric %s", name)
		}
	}
	for _, labels := range []map[string]string{
		{"mode": "Enforce", "stage": "mutate", "verdict": "fits", "reason": "Fits"},
		{"mode": "Enforce", "stage": "validate", "verdict": "denied", "reason": "ImageIncompatible"},
	} {
		if count, err := shared.Mullion.Webhooks[0].Metric(t.Context(), "mullion_decisions_total", labels); err != nil || count == 0 {
			t.Errorf("decisions %v are not counted (%v)", labels, err)
		}
	}
	// Whatever a user can name must not become a label: it would never be forgotten.
	for _, program := range shared.Mullion.Programs() {
		for _, family := range scrape(t, program) {
			for _, series := range family.GetMetric() {
				for _, label := range series.GetLabel() {
					for _, name := range []string{"case-", pod.Name, "servercore", "ltsc", shared.Registry.Host()} {
						if strings.Contains(label.GetValue(), name) {
							t.Errorf("%s: metric %s has the label %s=%q", program.Name(), family.GetName(), label.GetName(), label.GetValue())
						}
					}
				}
			}
		}
	}
}
