package install

import (
	"io"
	"net/http"
	"testing"
)

func TestAMetricIsTheSumOfTheSeriesWithTheLabels(t *testing.T) {
	program := &Program{name: "stub"}
	if _, err := program.reserve(false); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(program.release)
	server := &http.Server{ReadHeaderTimeout: patience, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `# TYPE reviews_total counter
reviews_total{endpoint="mutate",verdict="admitted"} 2
reviews_total{endpoint="mutate",verdict="refused"} 3
reviews_total{endpoint="validate",verdict="refused"} 7
# TYPE nodes gauge
nodes 5
`)
	})}
	listener := listen(t, program.metrics)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })

	for sentence, test := range map[string]struct {
		name   string
		labels map[string]string
		want   float64
	}{
		"no label is every series":    {"reviews_total", nil, 12},
		"one label":                   {"reviews_total", map[string]string{"endpoint": "mutate"}, 5},
		"two labels":                  {"reviews_total", map[string]string{"endpoint": "mutate", "verdict": "refused"}, 3},
		"a value that does not occur": {"reviews_total", map[string]string{"endpoint": "other"}, 0},
		"a label that does not occur": {"reviews_total", map[string]string{"other": ""}, 0},
		"a gauge":                     {"nodes", nil, 5},
		"a metric that is not shown":  {"other", nil, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := program.Metric(t.Context(), test.name, test.labels)
			if err != nil {
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("%s%v is %v, want %v", test.name, test.labels, got, test.want)
			}
		})
	}
}
