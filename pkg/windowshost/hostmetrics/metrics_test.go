package hostmetrics

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func newMetrics(t *testing.T, hosts Lister) (*Metrics, *prometheus.Registry) {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	m, err := New(registry, hosts)
	if err != nil {
		t.Fatal(err)
	}
	return m, registry
}

func newReader(t *testing.T, phases ...v1alpha1.HostPhase) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	b := fake.NewClientBuilder().WithScheme(scheme)
	for i, phase := range phases {
		b.WithObjects(&v1alpha1.WindowsHost{
			ObjectMeta: metav1.ObjectMeta{Namespace: "windows", Name: string(rune('a' + i))},
			Status:     v1alpha1.WindowsHostStatus{Phase: phase},
		})
	}
	return b.Build()
}

func expect(t *testing.T, registry *prometheus.Registry, name string, lines ...string) {
	t.Helper()
	text := ""
	for _, line := range lines {
		text += line + "\n"
	}
	if err := testutil.GatherAndCompare(registry, strings.NewReader(text), name); err != nil {
		t.Error(err)
	}
}

func TestHostsAreCountedByPhase(t *testing.T) {
	_, registry := newMetrics(t, From(newReader(t, v1alpha1.HostReady, v1alpha1.HostReady, v1alpha1.HostFailed, "")))
	expect(t, registry, "mullion_windowshosts",
		"# HELP mullion_windowshosts How many WindowsHosts there are in each phase.", "# TYPE mullion_windowshosts gauge",
		`mullion_windowshosts{phase="Pending"} 1`, `mullion_windowshosts{phase="Preparing"} 0`,
		`mullion_windowshosts{phase="Waiting"} 0`, `mullion_windowshosts{phase="Draining"} 0`,
		`mullion_windowshosts{phase="Configuring"} 0`, `mullion_windowshosts{phase="Joining"} 0`,
		`mullion_windowshosts{phase="Verifying"} 0`, `mullion_windowshosts{phase="Ready"} 2`,
		`mullion_windowshosts{phase="Rebooting"} 0`, `mullion_windowshosts{phase="Retired"} 0`,
		`mullion_windowshosts{phase="Removing"} 0`, `mullion_windowshosts{phase="Failed"} 1`)
}

func TestHostsThatServeAndNeedSomebodyAreCountedByWhatIsWrong(t *testing.T) {
	reader := newReader(t, v1alpha1.HostReady, v1alpha1.HostReady, v1alpha1.HostReady)
	for name, c := range map[string]metav1.Condition{
		"a": {Type: v1alpha1.HostConditionDegraded, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonNodeConfigInvalid},
		"b": {Type: v1alpha1.HostConditionDegraded, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonAsDesired},
	} {
		var host v1alpha1.WindowsHost
		if err := reader.Get(t.Context(), client.ObjectKey{Namespace: "windows", Name: name}, &host); err != nil {
			t.Fatal(err)
		}
		host.Status.Conditions = []metav1.Condition{c}
		if err := reader.Update(t.Context(), &host); err != nil {
			t.Fatal(err)
		}
	}
	_, registry := newMetrics(t, From(reader))
	expect(t, registry, "mullion_windowshosts_degraded",
		"# HELP mullion_windowshosts_degraded How many WindowsHosts serve and need somebody nevertheless, by the reason in the condition Degraded.",
		"# TYPE mullion_windowshosts_degraded gauge", `mullion_windowshosts_degraded{reason="NodeConfigInvalid"} 1`)
}

func TestHostsThatCannotBeListedAreAnErrorAndNotNone(t *testing.T) {
	failed := errors.New("the cache is not filled")
	_, registry := newMetrics(t, func(context.Context) (*Counts, error) { return nil, failed })
	if _, err := registry.Gather(); err == nil || !strings.Contains(err.Error(), failed.Error()) {
		t.Errorf("got %v", err)
	}
}

func TestWhatHappensIsCounted(t *testing.T) {
	m, registry := newMetrics(t, From(newReader(t)))
	m.StepEnded(v1alpha1.StepConnect, time.Second, "")
	m.StepEnded(v1alpha1.StepConnect, 15*time.Second, v1alpha1.ReasonUnreachable)
	m.DriftFound()
	m.RebootAsked()
	m.RebootAsked()
	expect(t, registry, "mullion_windowshost_failures_total",
		"# HELP mullion_windowshost_failures_total Steps of what is done with Windows hosts that failed, by reason, as in the status.",
		"# TYPE mullion_windowshost_failures_total counter",
		`mullion_windowshost_failures_total{reason="Unreachable",step="Connect"} 1`)
	if got := testutil.ToFloat64(m.drifts); got != 1 {
		t.Errorf("%v drifts", got)
	}
	if got := testutil.ToFloat64(m.reboots); got != 2 {
		t.Errorf("%v restarts", got)
	}
	if got := testutil.CollectAndCount(m.steps); got != 1 {
		t.Errorf("%d steps are told apart", got)
	}
}

func TestTheFirstCertificateToEndIsShown(t *testing.T) {
	m, _ := newMetrics(t, From(newReader(t)))
	if got := m.firstExpiry(); got != 0 {
		t.Errorf("a certificate ends at %v, and there is none", got)
	}
	m.CertificateSeen("a", time.Unix(2000, 0))
	m.CertificateSeen("b", time.Unix(1000, 0))
	if got := m.firstExpiry(); got != 1000 {
		t.Errorf("got %v", got)
	}
	m.CertificateSeen("b", time.Unix(3000, 0))
	if got := m.firstExpiry(); got != 2000 {
		t.Errorf("got %v after one was renewed", got)
	}
	m.Forget("a")
	if got := m.firstExpiry(); got != 3000 {
		t.Errorf("got %v after a host was forgotten", got)
	}
}

func TestMetricsAreRegisteredOnce(t *testing.T) {
	_, registry := newMetrics(t, From(newReader(t)))
	if _, err := New(registry, From(newReader(t))); err == nil {
		t.Error("they were registered twice")
	}
}
