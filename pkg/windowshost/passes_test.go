package windowshost

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// pass lets the reconciler look at a host once, and then time pass until it is to look again.
func (s *scene) pass(h *fakeHost) (reconcile.Result, error) {
	s.t.Helper()
	s.passes++
	if s.beforePass != nil {
		s.beforePass()
	}
	result, err := s.reconciler().Reconcile(logr.NewContext(s.t.Context(), logr.Discard()), reconcile.Request{NamespacedName: h.key})
	after := result.RequeueAfter
	if err != nil {
		after = time.Second
	}
	s.clock.SetTime(s.clock.Now().Add(after))
	s.runKubelets()
	return result, err
}

// until lets the reconciler look at a host until it is as wanted.
func (s *scene) until(h *fakeHost, what string, reached func(*v1alpha1.WindowsHost) bool) *v1alpha1.WindowsHost {
	s.t.Helper()
	const most = 200
	var err error
	for range most {
		if _, err = s.pass(h); err != nil && s.fault == nil {
			s.t.Fatalf("waiting for %s: %v", what, err)
		}
		if host := s.get(h); reached(host) {
			return host
		}
	}
	host := s.get(h)
	raw, err2 := json.MarshalIndent(host.Status, "", "  ")
	if err2 != nil {
		s.t.Fatal(err2)
	}
	s.t.Fatalf("the host is not %s after %d passes (%v):\n%s\n%s", what, most, err, raw, strings.Join(s.events.all(), "\n"))
	return nil
}

func (s *scene) untilPhase(h *fakeHost, phases ...v1alpha1.HostPhase) *v1alpha1.WindowsHost {
	s.t.Helper()
	return s.until(h, fmt.Sprintf("in phase %v", phases), func(host *v1alpha1.WindowsHost) bool {
		return slices.Contains(phases, host.Status.Phase)
	})
}

// untilGone lets the reconciler look at a host until its object is gone.
func (s *scene) untilGone(h *fakeHost) {
	s.t.Helper()
	for range 200 {
		if s.gone(h) {
			return
		}
		if _, err := s.pass(h); err != nil && s.fault == nil {
			s.t.Fatal(err)
		}
	}
	s.t.Fatalf("the object is still there: %s", s.get(h).Status.Message)
}
