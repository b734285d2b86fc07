package fleet

import (
	"context"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
)

func TestARolloutKeepsItsLimitThoughTheNodeManagerIsKilledAgainAndAgain(t *testing.T) {
	const count, limit = 10, 2
	s := newScene(t, atOnce(limit))
	s.given(several(count, "rolled")...)
	s.untilReady(count, current)
	most := s.mostOut()
	s.give(next)
	for _, done := range []int{0, 3, 6} {
		s.until(fmt.Sprintf("%d are done and another one is out of service", done), func() bool {
			return s.ready(next) >= done && s.disrupted() > 0
		})
		s.killLeader()
	}
	s.untilReady(count, next)
	if most := most(); most > limit || most == 0 {
		t.Errorf("%d nodes were out of service at once, not %d", most, limit)
	}
	s.untilNodesServe(next)
}

func TestHostsJoinThoughTheAPIServerIsKilled(t *testing.T) {
	const count = 12
	s := newScene(t, v1alpha1.RolloutPolicy{})
	s.given(several(count, "joining")...)
	s.until("some are on their way", func() bool {
		for _, host := range s.all() {
			if host.Status.Phase == v1alpha1.HostConfiguring || host.Status.Phase == v1alpha1.HostJoining {
				return true
			}
		}
		return false
	})
	s.Cluster.APIServer.Kill()
	if err := s.Cluster.APIServer.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.until("all are Ready", func() bool {
		s.restartManagers() // One ends when it could not renew its Lease for long enough.
		return s.ready(current) == count
	})
	s.expectNoTokens()
}

// disrupted is how many hosts have a turn.
func (s *scene) disrupted() (count int) {
	for _, host := range s.all() {
		if host.Status.Disruption != nil {
			count++
		}
	}
	return count
}

// serving is how many nodes take pods.
func (s *scene) serving() (count int) {
	for _, h := range s.hosts {
		if node := s.node(h.Name()); node != nil && !outOfService(node) {
			count++
		}
	}
	return count
}

// mostOut watches how many nodes are taken out of service at once. One that is only not heard of does not count: it may be
// this machine that is slow. The returned function ends that, and returns the most: what the end of a test does is something
// else.
func (s *scene) mostOut() (ended func() int) {
	most := 0
	s.see(func(_ map[string]*v1alpha1.WindowsHost, nodes map[string]*corev1.Node) {
		out := 0
		for _, node := range nodes {
			if node.Spec.Unschedulable || readiness(node) == corev1.ConditionFalse {
				out++
			}
		}
		most = max(most, out)
	})
	return func() int {
		s.see(func(map[string]*v1alpha1.WindowsHost, map[string]*corev1.Node) {})
		return most
	}
}

// killLeader ends the node manager that works, as a crash does, has the other one take over, and starts the one again.
func (s *scene) killLeader() {
	s.T.Helper()
	leader := s.leader()
	leader.Kill()
	s.T.Logf("killed %s; now %s works", leader.Name(), s.leader().Name())
	if err := leader.Start(s.T.Context()); err != nil {
		s.T.Fatal(err)
	}
}

// leader is the node manager that works. It waits until there is one.
func (s *scene) leader() *install.Program {
	s.T.Helper()
	var leader *install.Program
	s.Eventually("a node manager works", func(ctx context.Context) (bool, error) {
		for _, program := range s.Mullion.NodeManagers {
			if program.PID() == 0 {
				continue
			}
			works, err := program.Metric(ctx, "leader_election_master_status", nil)
			if err != nil {
				return false, err
			}
			if works > 0 {
				leader = program
			}
		}
		return leader != nil, nil
	})
	return leader
}

// restartManagers starts node managers that have ended because they lost the lease, as Kubernetes would.
func (s *scene) restartManagers() {
	s.T.Helper()
	for _, program := range s.Mullion.NodeManagers {
		if program.PID() != 0 {
			continue
		}
		if err := program.Start(s.T.Context()); err != nil {
			s.T.Fatal(err)
		}
	}
}

func outOfService(node *corev1.Node) bool { return node.Spec.Unschedulable || !nodeReady(node) }

func nodeReady(node *corev1.Node) bool { return readiness(node) == corev1.ConditionTrue }

// readiness is what a node's condition Ready says; empty where it has none.
func readiness(node *corev1.Node) corev1.ConditionStatus {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status
		}
	}
	return ""
}
