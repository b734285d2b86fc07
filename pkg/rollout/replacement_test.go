package rollout

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestAMachineThatIsReplacedCountsUntilAnotherHasTakenItsPlace(t *testing.T) {
	const waits = "AwaitingTurn Waits for prod/a (Replace); 1 of 2 hosts may be out of service at once."
	newHost := func(name string, joined bool) *v1alpha1.WindowsHost {
		return windowsHost(name, func(h *v1alpha1.WindowsHost) {
			h.CreationTimestamp = metav1.NewTime(now.Add(time.Minute))
			h.Status.Node.Joined = joined
		})
	}
	replaced := func(t *testing.T) *scene {
		t.Helper()
		s := newScene(t, windowsHost("a"), windowsHost("b"))
		s.expect("a", v1alpha1.DisruptionReplace, "")
		s.update("a", outOfService(v1alpha1.DisruptionReplace, now))
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		s.update("a", outOfService(v1alpha1.DisruptionRemove, now)) // Its machine is gone.
		s.expect("b", v1alpha1.DisruptionReplace, "AwaitingTurn Waits for prod/a (Remove); 1 of 2 hosts may be out of service at once.")
		s.delete("a")
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		return s
	}
	t.Run("it has joined", func(t *testing.T) {
		s := replaced(t)
		s.create(newHost("new", false))
		s.expect("b", v1alpha1.DisruptionReplace, waits)
		s.update("new", func(h *v1alpha1.WindowsHost) { h.Status.Node.Joined = true })
		s.expect("b", v1alpha1.DisruptionReplace, "")
	})
	t.Run("it has taken the place of only one", func(t *testing.T) {
		s := replaced(t)
		s.policy.Spec.Rollout = policy(atOnce("2"))
		s.create(windowsHost("c"))
		s.expect("b", v1alpha1.DisruptionReplace, "")
		s.update("b", outOfService(v1alpha1.DisruptionReplace, now))
		s.delete("b")
		s.create(newHost("new", true))
		s.expect("c", v1alpha1.DisruptionReplace, "")
		s.turns.Give(key("c"))
		s.policy.Spec.Rollout = policy(atOnce("1"))
		if d := s.take("c", v1alpha1.DisruptionReplace); d.May {
			t.Error("one machine has taken the place of two")
		}
	})
	t.Run("nobody makes one", func(t *testing.T) {
		s := replaced(t)
		s.clock.SetTime(now.Add(maxProvisioning + time.Second))
		s.expect("b", v1alpha1.DisruptionReplace, "")
	})
	t.Run("it was given up", func(t *testing.T) {
		s := newScene(t, windowsHost("a"), windowsHost("b"))
		s.expect("a", v1alpha1.DisruptionReplace, "")
		s.update("a", outOfService(v1alpha1.DisruptionReplace, now))
		s.expect("b", change, waits)
		s.update("a", func(h *v1alpha1.WindowsHost) { h.Status.Disruption = nil })
		s.expect("b", change, "")
		s.turns.Give(key("b"))
		s.delete("a")
		s.expect("b", change, "")
	})
}
