package plan

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

// manager is an API server with one host and somebody who may look at it.
type manager struct {
	mu   sync.Mutex
	host *v1alpha1.WindowsHost
	// reads counts how often the host was read since it was asked to be looked at.
	reads int
	// look is called at each read after that.
	look func(reads int, host *v1alpha1.WindowsHost)
}

func newManager(t *testing.T, look func(int, *v1alpha1.WindowsHost)) *manager {
	t.Helper()
	m := &manager{host: newHost("mullion-system", "win-1", "10.0.0.11", "10.0.20348"), look: look}
	m.host.SetGroupVersionKind(kind())
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	const path = "/apis/mullion.dev/v1alpha1/namespaces/mullion-system/windowshosts/win-1"
	server.Handle("GET "+path, m.get)
	server.Handle("PATCH "+path, m.patch)
	return m
}

func (m *manager) get(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.host.Annotations[v1alpha1.AnnotationReconcile] != "" {
		m.reads++
		m.look(m.reads, m.host)
	}
	commandtest.Write(w, http.StatusOK, m.host)
}

func (m *manager) patch(w http.ResponseWriter, r *http.Request) {
	var change struct {
		Metadata struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
	}
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		commandtest.Refuse(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.host.Annotations = change.Metadata.Annotations
	commandtest.Write(w, http.StatusOK, m.host)
}

func TestARefreshedPlanIsOneThatWasMadeAfterItWasAskedFor(t *testing.T) {
	newManager(t, func(reads int, host *v1alpha1.WindowsHost) {
		if reads == 2 {
			host.Status.ObservedReconcile = host.Annotations[v1alpha1.AnnotationReconcile]
			host.Status.Message = "it was looked at"
		}
	})
	got := run(t.Context(), "mullion-system/win-1", "--refresh")
	if got.code != exit.OK || !strings.Contains(got.out, "is Ready: it was looked at") {
		t.Errorf("exit code %d: %v\n%s", got.code, got.err, got.out)
	}
}

func TestALookThatSomebodyElseAskedForLaterWillDo(t *testing.T) {
	newManager(t, func(_ int, host *v1alpha1.WindowsHost) {
		host.Annotations[v1alpha1.AnnotationReconcile] = "later"
		host.Status.ObservedReconcile = "later"
	})
	if got := run(t.Context(), "mullion-system/win-1", "--refresh"); got.code != exit.OK {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
}

func TestANodeManagerThatDoesNotLookIsNotWaitedForForEver(t *testing.T) {
	newManager(t, func(int, *v1alpha1.WindowsHost) {})
	got := run(t.Context(), "mullion-system/win-1", "--refresh", "--timeout", "300ms")
	if got.code != exit.Failure || !strings.Contains(got.err.Error(), "has not looked at WindowsHost mullion-system/win-1 within 300ms") {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	if !strings.Contains(got.out, "mullion-system/win-1 (10.0.0.11) is Ready") {
		t.Errorf("what is known is not shown:\n%s", got.out)
	}
}

func TestWaitingCanBeInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	newManager(t, func(int, *v1alpha1.WindowsHost) { interrupt() })
	if got := run(ctx, "mullion-system/win-1", "--refresh"); got.code != exit.Failure || got.err.Error() != "interrupted" {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
}
