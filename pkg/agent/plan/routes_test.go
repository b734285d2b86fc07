package plan_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestRoutesInAPlan(t *testing.T) {
	const to = "169.254.169.254/32"
	route := state.GatewayRoute{Destination: to}
	desired := &state.Desired{Schema: state.Schema, Owner: "a test", Routes: []state.GatewayRoute{route}}
	onLink := state.Route{Network: "Ethernet", Gateway: "0.0.0.0"}
	way := state.Route{Network: "vEthernet", Gateway: "10.0.0.1"}
	stale := state.Route{Network: "Ethernet", Gateway: "10.9.0.1"}
	routes := func(everywhere []state.Route, is ...state.Route) state.Observed {
		return state.Observed{Routes: map[string][]state.Route{state.Everywhere: everywhere, to: is}}
	}
	out := []state.Route{way}
	owned := func(original *state.Original) state.Manifest {
		return state.Manifest{Records: []state.Record{{ID: route.ID(), Routes: out, Original: original}}}
	}
	tests := map[string]struct {
		in   plan.Input
		want string
	}{
		"one that is missing is made": {
			plan.Input{Desired: desired, Observed: routes(out)},
			"+ create  route/169.254.169.254/32: The route is not there.\n    gateway: 10.0.0.1 by vEthernet\n",
		},
		"one that leads elsewhere is changed": {
			plan.Input{Desired: desired, Observed: routes(out, stale)},
			"~ update  route/169.254.169.254/32: The route is not as desired.\n    gateway: 10.9.0.1 by Ethernet -> 10.0.0.1 by vEthernet\n",
		},
		"another one beside it goes": {
			plan.Input{Desired: desired, Observed: routes(out, way, stale)},
			"~ update  route/169.254.169.254/32: The route is not as desired.\n" +
				"    gateway: 10.0.0.1 by vEthernet, 10.9.0.1 by Ethernet -> 10.0.0.1 by vEthernet\n",
		},
		"one that is there stays": {
			plan.Input{Desired: desired, Observed: routes(out, way)}, "The host is as desired.\n",
		},
		"without a way out one waits, and what is there stays": {
			plan.Input{Desired: desired, Observed: routes([]state.Route{onLink}, stale)},
			"# route/169.254.169.254/32 waits for a default route with a gateway.\nThe host is as desired.\n",
		},
		"ours goes with us": {
			plan.Input{Manifest: owned(nil), Observed: routes(out, way)},
			"- delete  route/169.254.169.254/32: It is ours and no longer desired.\n",
		},
		"one that has ended with a boot is forgotten": {
			plan.Input{Manifest: owned(nil), Observed: routes(out, stale)},
			"- forget  route/169.254.169.254/32: It is ours, no longer desired, and already gone.\n",
		},
		"what was there before us comes back": {
			plan.Input{Manifest: owned(&state.Original{Routes: []state.Route{stale}}), Observed: routes(out, way)},
			"~ restore route/169.254.169.254/32: It replaced what was there before.\n",
		},
	}
	for sentence, test := range tests {
		t.Run(sentence, func(t *testing.T) {
			test.in.Observed.Facts.Hostname = "win-1"
			planned, err := plan.Build(test.in)
			if err != nil {
				t.Fatal(err)
			}
			var printed strings.Builder
			if err := plan.Print(&printed, planned); err != nil || printed.String() != test.want {
				t.Errorf("error %v, printed\n%swant\n%s", err, printed.String(), test.want)
			}
			for _, action := range planned.Actions {
				if action.Disruptive || action.Reboot {
					t.Errorf("%s interrupts", action.ID)
				}
			}
		})
	}
}

func TestARouteGoesAfterTheNetworksThatHaveTakenItsInterface(t *testing.T) {
	route, network := state.GatewayRoute{Destination: "169.254.169.254/32"}, state.ContainerNetwork{Name: "cbr0"}
	planned, err := plan.Build(plan.Input{
		Manifest: state.Manifest{Records: []state.Record{
			{ID: network.ID()},
			{ID: route.ID(), Original: &state.Original{Routes: []state.Route{{Network: "Ethernet", Gateway: "10.0.0.1"}}}},
		}},
		Observed: state.Observed{Networks: []state.HNSNetwork{{ID: "1", Name: "cbr0"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(planned.Actions) != 2 || planned.Actions[0].ID != network.ID() || planned.Actions[1].ID != route.ID() {
		t.Errorf("got %v", planned.Actions)
	}
}
