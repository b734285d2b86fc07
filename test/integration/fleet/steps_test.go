package fleet

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

func TestInTheMiddleOfEveryStepTheNodeManagerMayBeKilled(t *testing.T) {
	inTheMiddleOfEveryStep(t, func(s *scene) { s.killLeader() })
}

func TestInTheMiddleOfEveryStepTheAPIServerMayBeKilled(t *testing.T) {
	inTheMiddleOfEveryStep(t, func(s *scene) {
		s.Cluster.APIServer.Kill()
		if err := s.Cluster.APIServer.Start(s.T.Context()); err != nil {
			s.T.Fatal(err)
		}
	})
}

// inTheMiddleOfEveryStep has a host in the middle of each step when something happens, and all of them come to their end
// afterwards: those that join or are changed serve, and those that were deleted are as they were.
func inTheMiddleOfEveryStep(t *testing.T, happens func(*scene)) {
	t.Helper()
	const most = 3 // The one that is changed, and the two that leave.
	s := newScene(t, atOnce(most))
	m := &middle{scene: s, gate: s.newGatekeeper()}
	left, stay := m.begin(leaving()), m.begin(changing())
	before := make([]map[string]string, len(left))
	for i := range left {
		before[i] = left[i].Machine.Snapshot()
	}
	m.make(left)
	m.make(stay)
	s.until("all nodes are Ready", func() bool { return s.ready(current) == len(left)+len(stay) })

	m.hold(left)
	for _, h := range left {
		s.remove(s.host(h.Name()).DeepCopy())
	}
	m.untilReached(left)
	m.hold(stay)
	s.give(next)
	m.untilReached(stay)
	// Those that come late to their moment first, so that no other has waited for long.
	for _, moments := range [][]moment{joiningLate(), joiningEarly()} {
		joining := m.begin(moments)
		m.hold(joining)
		m.make(joining)
		m.untilReached(joining)
		stay = append(stay, joining...)
	}
	happens(s)
	m.goOn()

	s.untilWithin(longPatience, "all that stay are Ready, and the others gone", func() bool {
		s.restartManagers() // One ends when it could not renew its Lease for long enough.
		return s.ready(next) == len(stay) && len(s.all()) == len(stay) && s.countNodes() == len(stay)
	})
	for _, h := range stay {
		s.hosts = append(s.hosts, h.Host)
		if boot := s.host(h.Name()).Status.Facts.BootID; h.at.spec.Bare && boot != "boot-2" {
			t.Errorf("%s had to restart once, and is at %s", h, boot)
		}
	}
	s.untilNodesServe(next)
	for i, h := range left {
		s.hosts = append(s.hosts, h.Host)
		if diff := cmp.Diff(before[i], h.Machine.Snapshot()); diff != "" {
			t.Errorf("%s is not as it was (-was +is):\n%s", h, diff)
		}
	}
	s.expectNoTokens()
}

// middle has hosts in the middle of what is done with them.
type middle struct {
	*scene
	gate  *gatekeeper
	every []*kept
}

// kept is a host that is to stay in the middle of a moment.
type kept struct {
	*scriptedhosts.Host
	at   moment
	hold *scriptedhosts.Hold // nil where it is kept in another way.
}

// begin starts a host for each moment.
func (m *middle) begin(moments []moment) []*kept {
	m.T.Helper()
	var hosts []*kept
	for _, at := range moments {
		spec := at.spec
		spec.Name = strings.ToLower(string(at.step)) + at.suffix
		hosts = append(hosts, &kept{Host: m.start(spec), at: at})
	}
	m.every = append(m.every, hosts...)
	return hosts
}

// make makes WindowsHosts of hosts, which are let go of when the test ends.
func (m *middle) make(hosts []*kept) {
	m.T.Helper()
	for _, h := range hosts {
		m.create(m.object(h.Host))
		m.T.Cleanup(func() { m.letGo(h.Host) })
	}
	m.T.Cleanup(m.gate.open) // Before they are.
}

// hold keeps hosts in the middle of their moments as soon as they are there.
func (m *middle) hold(hosts []*kept) {
	for _, h := range hosts {
		switch {
		case h.at.command != "":
			h.hold = h.HoldAt(h.at.command)
		case h.at.write != nil:
			m.gate.choose(h.Name(), h.at.write)
		}
	}
}

// untilReached waits until hosts are in the middle of their moments.
func (m *middle) untilReached(hosts []*kept) {
	m.T.Helper()
	for _, h := range hosts {
		m.until(fmt.Sprintf("%s is in the middle of %s", h.Name(), h.at.step), func() bool { return m.isReached(h) })
	}
}

func (m *middle) isReached(h *kept) bool {
	switch {
	case h.at.command != "":
		return h.hold.Reached()
	case h.at.write != nil:
		return m.gate.hasReached(h.Name())
	default:
		object := m.host(h.Name())
		return object != nil && object.Status.Step == h.at.step
	}
}

// goOn keeps nobody any more.
func (m *middle) goOn() {
	m.T.Helper()
	m.gate.open()
	for _, h := range m.every {
		if h.hold != nil {
			h.hold.Release()
		}
		if h.at.spec.Ails != scriptedhosts.Healthy {
			m.become(h.Host, scriptedhosts.Healthy)
		}
	}
}
