package apply_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

const metadata, clock = "169.254.169.254/32", "169.254.169.123/32"

// inCloud is a node that needs what its cloud serves.
func inCloud() *state.Desired {
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Routes: []state.GatewayRoute{{Destination: metadata}, {Destination: clock}},
	}
}

// ways are the routes to where a cloud serves, by destination.
func ways(t *testing.T, m *memhost.Machine) map[string][]state.Route {
	t.Helper()
	found := map[string][]state.Route{}
	for _, destination := range []string{metadata, clock} {
		routes, err := m.Host().Routes.Routes(t.Context(), destination)
		if err != nil {
			t.Fatal(err)
		}
		found[destination] = routes
	}
	return found
}

// by is what ways are through one interface.
func by(network string) map[string][]state.Route {
	way := []state.Route{{Network: network, Gateway: "192.0.2.1"}}
	return map[string][]state.Route{metadata: way, clock: way}
}

func wantWays(t *testing.T, m *memhost.Machine, want map[string][]state.Route) {
	t.Helper()
	if diff := cmp.Diff(want, ways(t, m)); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
}

func TestRoutesFollowTheDefaultRouteThroughSwitchesAndBoots(t *testing.T) {
	m := adminsHost(t)
	before := m.Snapshot()
	mustApply(t, m, inCloud())
	wantWays(t, m, by("Ethernet"))
	if again := mustApply(t, m, inCloud()); again.Done > 0 {
		t.Errorf("again: %v", again.Plan.Actions)
	}
	m.SwitchAdapter("vEthernet")
	mustApply(t, m, inCloud())
	wantWays(t, m, by("vEthernet"))
	m.Reboot()
	mustApply(t, m, inCloud())
	wantWays(t, m, by("vEthernet"))
	m.SwitchAdapter("Ethernet")
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestARouteOfTheCloudsAgentStaysTheirsUntilItLeadsElsewhere(t *testing.T) {
	m := adminsHost(t)
	theirs := by("Ethernet")
	for destination, routes := range theirs {
		m.MakeRoutePersistent(destination, routes[0])
	}
	before := m.Snapshot()
	if report := mustApply(t, m, inCloud()); report.Done > 0 {
		t.Errorf("done: %v", report.Plan.Actions)
	}
	m.SwitchAdapter("vEthernet")
	mustApply(t, m, inCloud())
	m.Reboot() // Their routes come back, to an interface that has no address any more.
	mustApply(t, m, inCloud())
	wantWays(t, m, by("vEthernet"))
	m.SwitchAdapter("Ethernet")
	mustRemove(t, m)
	m.Reboot()
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestARouteFromTheSubnetOfAnImageIsReplacedAndComesBack(t *testing.T) {
	m := adminsHost(t)
	m.MakeRoutePersistent(metadata, state.Route{Network: "Ethernet", Gateway: "198.51.100.1"})
	before := m.Snapshot()
	mustApply(t, m, inCloud())
	wantWays(t, m, by("Ethernet"))
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestARouteToAnInterfaceThatHasGoneDoesNotKeepTheHost(t *testing.T) {
	m := adminsHost(t)
	m.MakeRoutePersistent(metadata, state.Route{Network: "Ethernet", Gateway: "198.51.100.1"})
	mustApply(t, m, inCloud())
	m.SwitchAdapter("Ethernet 2")
	mustRemove(t, m)
	wantWays(t, m, map[string][]state.Route{metadata: nil, clock: nil})
}

func TestAHostWithoutALeaseKeepsTheRoutesThatItHas(t *testing.T) {
	m := adminsHost(t)
	mustApply(t, m, inCloud())
	m.LoseDefaultRoute()
	if report := mustApply(t, m, inCloud()); report.Done > 0 || len(report.Plan.Notes) != 2 {
		t.Errorf("done %d, notes %v", report.Done, report.Plan.Notes)
	}
	wantWays(t, m, by("Ethernet"))
}

func TestATableThatCannotBeReadAnyMoreIsAnError(t *testing.T) {
	m := adminsHost(t)
	read := 0
	broken := errors.New("the table is locked")
	m.Fail(func(operation, _ string) error {
		if operation == "Routes" {
			read++
		}
		if read > 3 { // Those of the plan: the way out, and both destinations.
			return broken
		}
		return nil
	})
	var failed *apply.ActionError
	if _, err := applier(m).Apply(t.Context(), inCloud(), apply.NoSkew); !errors.As(err, &failed) || !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
}

// A boot ends routes that are not persistent, so those that were there before us are.
func TestRoutesSurviveAnyEnd(t *testing.T) {
	bare := adminsHost(t)
	bare.MakeRoutePersistent(metadata, state.Route{Network: "Ethernet", Gateway: "198.51.100.1"})
	surviveAnyEnd(t, bare, inCloud, func(m *memhost.Machine) { wantWays(t, m, by("Ethernet")) })
}
