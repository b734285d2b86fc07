package admission

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func TestReviewsAreCountedByEndpointOperationAndVerdict(t *testing.T) {
	registry := prometheus.NewRegistry()
	metrics, err := NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	body := captured(t)
	post(NewHandler(answering(Allow(), nil), Options{Observer: metrics.Endpoint("validate")}), body)
	post(NewHandler(answering(Deny("no"), nil), Options{Observer: metrics.Endpoint("validate")}), body)
	post(NewHandler(answering(Deny("no"), nil), Options{Observer: metrics.Endpoint("validate")}), body)
	post(NewHandler(answering(Allow(), errors.New("no")), Options{Observer: metrics.Endpoint("mutate")}), body)
	post(NewHandler(answering(Allow(), nil), Options{Observer: metrics.Endpoint("mutate")}), []byte(`{"request":{"operation":"made-up"}}`))

	want := map[string]float64{
		"validate CREATE allowed":    1,
		"validate CREATE denied":     2,
		"mutate CREATE failed":       1,
		"mutate unknown bad_request": 1,
		"observations of validate":   3,
		"observations of mutate":     2,
	}
	if diff := cmp.Diff(want, gathered(t, registry)); diff != "" {
		t.Errorf("want (-), got (+):\n%s", diff)
	}
}

func TestMetricsAreRegisteredOnce(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := NewMetrics(registry); err != nil {
		t.Fatal(err)
	}
	if _, err := NewMetrics(registry); err == nil {
		t.Error("a second registration went unnoticed")
	}
}

func gathered(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := map[string]string{}
			for _, label := range metric.GetLabel() {
				labels[label.GetName()] = label.GetValue()
			}
			if histogram := metric.GetHistogram(); histogram != nil {
				counts["observations of "+labels["endpoint"]] = float64(histogram.GetSampleCount())
				continue
			}
			counts[labels["endpoint"]+" "+labels["operation"]+" "+labels["verdict"]] = metric.GetCounter().GetValue()
		}
	}
	return counts
}
