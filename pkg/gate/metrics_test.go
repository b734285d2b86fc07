package gate

import (
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAnswersAreCountedByReason(t *testing.T) {
	api, metrics := &server{}, prometheus.NewRegistry()
	snapshot := snapshotOf(t, []policy.Node{node("a19", ws2019), node("a22", ws2022)}, v1alpha1.BuildRule{Build: ws2022}, v1alpha1.BuildRule{Build: ws2019})
	g := newGate(t, Options{Reader: api, Registry: metrics, Snapshot: func() *policy.Snapshot { return snapshot }})
	ask(t, g, "a19")
	api.run("shop", "dark", windows("core:down"), "a19")
	ask(t, g, "a19")
	api.run("shop", "web", windows("core:2019"), "a19")
	ask(t, g, "a19")
	api.err = errAway
	if _, err := g.Ask(t.Context(), "a19"); err == nil {
		t.Fatal("there is an answer")
	}
	const want = `
# HELP mullion_gate_verdicts_total Times that the gate was asked whether nodes may go, by the answer and the reason of the first pod that keeps it closed.
# TYPE mullion_gate_verdicts_total counter
mullion_gate_verdicts_total{reason="",verdict="Error"} 1
mullion_gate_verdicts_total{reason="",verdict="Open"} 1
mullion_gate_verdicts_total{reason="ImageUnresolved",verdict="Unknown"} 1
mullion_gate_verdicts_total{reason="NoReadyNode",verdict="Stranded"} 1
`
	if err := testutil.GatherAndCompare(metrics, strings.NewReader(want), "mullion_gate_verdicts_total"); err != nil {
		t.Error(err)
	}
}
