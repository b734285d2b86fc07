package drain

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	corev1 "k8s.io/api/core/v1"
)

func (c *cluster) expectMetrics(t *testing.T, name, want string) {
	t.Helper()
	if err := testutil.GatherAndCompare(c.registry, strings.NewReader(want), name); err != nil {
		t.Error(err)
	}
}

func TestEvictionsAreCountedByWhatCameOfThem(t *testing.T) {
	cluster := newCluster(t, pod("web-0"), pod("web-1"), budget("web", 2, 2, 2))
	cluster.refusals["web-1"] = refusedByBudget()
	cluster.step(t, usual())
	cluster.step(t, usual())
	cluster.clock.SetTime(begin.Add(time.Hour))
	cluster.step(t, usual()) // It evicts nothing.
	cluster.expectMetrics(t, "mullion_drain_evictions_total", `
# HELP mullion_drain_evictions_total Evictions asked for, by what came of them.
# TYPE mullion_drain_evictions_total counter
mullion_drain_evictions_total{outcome="Accepted"} 1
mullion_drain_evictions_total{outcome="DisruptionBudget"} 2
`)
}

func TestADrainIsObservedOnceWhenItEnds(t *testing.T) {
	cluster := newCluster(t, pod("web-0"))
	cluster.step(t, usual())
	cluster.clock.SetTime(begin.Add(90 * time.Second))
	for range 3 {
		if got := cluster.step(t, usual()); !got.Done {
			t.Fatalf("%+v", got)
		}
	}
	if n := testutil.CollectAndCount(cluster.drainer.metrics.seconds); n != 1 {
		t.Errorf("%d series", n)
	}
	families, err := cluster.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "mullion_drain_duration_seconds" {
			continue
		}
		histogram := family.GetMetric()[0].GetHistogram()
		if histogram.GetSampleCount() != 1 || histogram.GetSampleSum() != 90 {
			t.Errorf("%d drains of %v s", histogram.GetSampleCount(), histogram.GetSampleSum())
		}
	}
}

func TestADrainThatIsGivenUpIsForgotten(t *testing.T) {
	cluster := newCluster(t, pod("web-0"), windowsNode(true, "upgrade"))
	cluster.lingering["web-0"] = true
	cluster.step(t, usual())
	if err := cluster.drainer.Uncordon(t.Context(), "win-1"); err != nil {
		t.Fatal(err)
	}
	if err := cluster.Tracker().Delete(corev1.SchemeGroupVersion.WithResource("pods"), "shop", "web-0"); err != nil {
		t.Fatal(err)
	}
	cluster.step(t, usual())
	if n := testutil.CollectAndCount(cluster.drainer.metrics.seconds); n != 0 {
		t.Errorf("%d series", n)
	}
}
