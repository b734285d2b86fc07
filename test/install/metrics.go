package install

import (
	"bytes"
	"context"
	"fmt"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// Metric returns the sum of a counter or gauge over all series that have the labels, as the replica shows it
// now. What it does not show is 0, as a counter that has not counted yet.
func (p *Program) Metric(ctx context.Context, name string, labels map[string]string) (float64, error) {
	page, err := get(ctx, p.MetricsURL())
	if err != nil {
		return 0, err
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(page))
	if err != nil {
		return 0, fmt.Errorf("reading the metrics of %s: %w", p.name, err)
	}
	var sum float64
	for _, series := range families[name].GetMetric() {
		if hasLabels(series, labels) {
			sum += series.GetCounter().GetValue() + series.GetGauge().GetValue()
		}
	}
	return sum, nil
}

func hasLabels(series *dto.Metric, labels map[string]string) bool {
	found := 0
	for _, pair := range series.GetLabel() {
		if want, asked := labels[pair.GetName()]; asked {
			if pair.GetValue() != want {
				return false
			}
			found++
		}
	}
	return found == len(labels)
}
