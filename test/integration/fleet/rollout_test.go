package fleet

import (
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// The middle of the rollout is when its canary is done: the others wait for an hour, so it stays the middle.
func TestARolloutThatIsEditedInTheMiddleGoesOnWithWhatIsWantedThen(t *testing.T) {
	const count, limit = 5, 2
	rollout := atOnce(limit)
	rollout.Canary, rollout.CanarySoak.Duration = new(int32(1)), time.Hour
	s := newScene(t, rollout)
	s.given(several(count, "edited")...)
	s.untilReady(count, current)
	most := s.mostOut()
	s.give(next)
	s.until("the canary is done, and the others wait for it", func() bool {
		return s.ready(next) == 1 && s.waiting(v1alpha1.ReasonAwaitingTurn) == count-1
	})
	s.rollout(`{"paused":true}`)
	s.until("the others wait for the policy", func() bool { return s.waiting(v1alpha1.ReasonRolloutPaused) == count-1 })
	s.until("all serve meanwhile", func() bool { return s.serving() == count })

	// Another configuration, by which the canary has something to do again, too.
	s.configure(`{"labels":{"` + poolLabel + `":"second"}}`)
	s.until("all wait for the policy", func() bool { return s.waiting(v1alpha1.ReasonRolloutPaused) == count })
	s.rollout(`{"paused":false,"canary":0}`)
	s.until("all have what is wanted now", func() bool { return s.pooled("second") == count && s.ready(next) == count })
	s.untilNodesServe(next)
	if most := most(); most > limit || most == 0 {
		t.Errorf("%d nodes were out of service at once, not %d", most, limit)
	}
}

// poolLabel is a label of nodes by which they are told to have what was wanted last.
const poolLabel = "example.com/pool"

// pooled is how many nodes have a value of poolLabel.
func (s *scene) pooled(value string) (count int) {
	for _, h := range s.hosts {
		if node := s.node(h.Name()); node != nil && node.Labels[poolLabel] == value {
			count++
		}
	}
	return count
}

// waiting is how many hosts wait for their turn for a reason.
func (s *scene) waiting(reason string) (count int) {
	for _, host := range s.all() {
		if claim := host.Status.Claim; claim != nil && claim.Refusal == reason {
			count++
		}
	}
	return count
}

func TestAVersionThatNeverGetsReadyIsRolledBackAndTriedOnNoOtherHost(t *testing.T) {
	const count = 3
	s := newScene(t, atOnce(1))
	s.given(several(count, "back")...)
	s.untilReady(count, current)
	tried := map[string]bool{}
	s.see(func(_ map[string]*v1alpha1.WindowsHost, nodes map[string]*corev1.Node) {
		for _, node := range nodes {
			if node.Status.NodeInfo.KubeletVersion == broken {
				tried[node.Name] = true
			}
		}
	})
	s.give(broken)
	s.until("one is rolled back, and serves again", func() bool {
		for _, host := range s.all() {
			if isReady(host) && host.Status.Applied.RolledBackFrom != "" && host.Status.Applied.KubernetesVersion == current {
				return nodeReady(s.node(host.Name)) && !s.node(host.Name).Spec.Unschedulable
			}
		}
		return false
	})
	s.until("the others are not tried, and say why", func() bool {
		halted := 0
		for _, host := range s.all() {
			claim := host.Status.Claim
			if claim != nil && claim.Refusal == v1alpha1.ReasonRolloutHalted && strings.Contains(claim.Message, "-back-") {
				halted++
			}
		}
		return halted == count-1
	})
	s.see(func(map[string]*v1alpha1.WindowsHost, map[string]*corev1.Node) {})
	if len(tried) != 1 {
		t.Errorf("it was tried on %d hosts: %v", len(tried), tried)
	}
	s.give(next)
	s.untilReady(count, next)
}
