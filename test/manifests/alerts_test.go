package manifests_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/yaml"
)

// alert is one of the PrometheusRule.
type alert struct {
	Alert       string            `json:"alert"`
	Expr        string            `json:"expr"`
	For         string            `json:"for"`
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
}

func alerts(t *testing.T) []alert {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root(t), "manifests", "components", "prometheus", "alerts.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var rule struct {
		APIVersion string         `json:"apiVersion"`
		Kind       string         `json:"kind"`
		Metadata   map[string]any `json:"metadata"`
		Spec       struct {
			Groups []struct {
				Name  string  `json:"name"`
				Rules []alert `json:"rules"`
			} `json:"groups"`
		} `json:"spec"`
	}
	if err := yaml.UnmarshalStrict(text, &rule); err != nil {
		t.Fatal(err)
	}
	var all []alert
	for _, group := range rule.Spec.Groups {
		all = append(all, group.Rules...)
	}
	if len(all) == 0 {
		t.Fatal("there are no alerts")
	}
	return all
}

// ours is one of our metrics in an expression, with the conditions on its labels.
var ours = regexp.MustCompile(`(mullion_[a-z_]+)(?:\{([^}]*)\})?`)

// operator is what stands between a label and what it is to be, or not to be.
var operator = regexp.MustCompile(`[=!]`)

// grouping are the labels by which an expression adds up, and those that a text shows.
var (
	grouping = regexp.MustCompile(`\bby \(([a-z_, ]*)\)`)
	shown    = regexp.MustCompile(`\$labels\.([a-z_]+)`)
)

func TestAlertsAreAboutMetricsAndLabelsThatThereAre(t *testing.T) {
	metrics := metricsOf(t)
	for _, a := range alerts(t) {
		var labels []string
		for _, found := range ours.FindAllStringSubmatch(a.Expr, -1) {
			known, made := metrics[found[1]]
			if !made {
				t.Errorf("%s: nobody makes %s", a.Alert, found[1])
			}
			labels = append(labels, known...)
			for condition := range strings.SplitSeq(found[2], ",") {
				label := operator.Split(strings.TrimSpace(condition), 2)[0]
				if label != "" && !slices.Contains(known, label) {
					t.Errorf("%s: %s has no label %q", a.Alert, found[1], label)
				}
			}
		}
		if labels == nil {
			continue // It is about metrics of others.
		}
		kept := []string{}
		for _, found := range grouping.FindAllStringSubmatch(a.Expr, -1) {
			kept = append(kept, strings.Split(found[1], ", ")...)
		}
		for _, label := range kept {
			if !slices.Contains(labels, label) {
				t.Errorf("%s adds up by %q, which no metric of it has", a.Alert, label)
			}
		}
		for _, found := range shown.FindAllStringSubmatch(a.Annotations["summary"]+a.Annotations["description"], -1) {
			if !slices.Contains(kept, found[1]) {
				t.Errorf("%s shows the label %q, which is not left", a.Alert, found[1])
			}
		}
	}
}

func TestAlertsSayWhatIsWrongAndWhatToDo(t *testing.T) {
	operations, err := os.ReadFile(filepath.Join(root(t), "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, a := range alerts(t) {
		if _, err := time.ParseDuration(a.For); err != nil {
			t.Errorf("%s: for: %v", a.Alert, err)
		}
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s: its severity is %q", a.Alert, a.Labels["severity"])
		}
		if a.Annotations["summary"] == "" || a.Annotations["description"] == "" {
			t.Errorf("%s lacks its summary or description", a.Alert)
		}
		if seen[a.Alert] {
			t.Errorf("there are two alerts %s", a.Alert)
		}
		seen[a.Alert] = true
		if !strings.Contains(string(operations), "\n| `"+a.Alert+"` | ") {
			t.Errorf("docs/operations.md does not tell what to do about %s", a.Alert)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `(Mullion[A-Za-z]+)` \\| ").FindAllStringSubmatch(string(operations), -1) {
		if !seen[row[1]] {
			t.Errorf("docs/operations.md tells about %s, and there is no such alert", row[1])
		}
	}
}
