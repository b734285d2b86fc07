package windowshost

import (
	"slices"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// expectCondition fails the test unless a condition is as wanted, such as "False Refused".
func expectCondition(t *testing.T, host *v1alpha1.WindowsHost, kind, want string) {
	t.Helper()
	c := meta.FindStatusCondition(host.Status.Conditions, kind)
	if c == nil {
		t.Errorf("there is no condition %s", kind)
		return
	}
	if got := string(c.Status) + " " + c.Reason; got != want {
		t.Errorf("%s is %s and not %s: %s", kind, got, want, c.Message)
	}
}

// expectMessage fails the test unless everything is in what the status says.
func expectMessage(t *testing.T, host *v1alpha1.WindowsHost, words ...string) {
	t.Helper()
	for _, word := range words {
		if !strings.Contains(host.Status.Message, word) {
			t.Errorf("the status does not say %q: %s", word, host.Status.Message)
		}
	}
}

func expectPhase(t *testing.T, host *v1alpha1.WindowsHost, want v1alpha1.HostPhase) {
	t.Helper()
	if host.Status.Phase != want {
		t.Errorf("the host is %s and not %s: %s", host.Status.Phase, want, host.Status.Message)
	}
}

// expectAsked fails the test unless turns were asked for, for these reasons, each as often as it took.
func expectAsked(t *testing.T, s *scene, want ...v1alpha1.DisruptionReason) {
	t.Helper()
	if got := slices.Compact(s.turns.reasons()); !slices.Equal(got, want) {
		t.Errorf("turns were asked for %v and not %v", got, want)
	}
}

// passed lets the reconciler look once, and returns the host.
func (s *scene) passed(h *fakeHost) *v1alpha1.WindowsHost {
	s.t.Helper()
	if _, err := s.pass(h); err != nil {
		s.t.Fatal(err)
	}
	return s.get(h)
}
