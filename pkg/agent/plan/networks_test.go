package plan_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/plan"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestNetworksInAPlan(t *testing.T) {
	network := state.ContainerNetwork{Name: "cbr0"}
	owned := state.Manifest{Records: []state.Record{{ID: network.ID(), Kept: []string{"1"}}}}
	desired := &state.Desired{
		Schema: state.Schema, Owner: "a test", Networks: []state.ContainerNetwork{network},
		Services: []state.Service{{Name: "a", Program: `C:\a.exe`}},
	}
	there := []state.HNSNetwork{{ID: "1", Name: "cbr0"}, {ID: "2", Name: "cbr0"}}
	tests := map[string]struct {
		in   plan.Input
		want string
	}{
		"are noted before services": {
			plan.Input{Desired: desired},
			"own network/cbr0; create service/a; start service/a",
		},
		"are noted once": {
			plan.Input{Desired: desired, Manifest: owned, Observed: state.Observed{Networks: there}},
			"create service/a; start service/a",
		},
		"are deleted if they came after us": {
			plan.Input{Manifest: owned, Observed: state.Observed{Networks: there}},
			"delete network/cbr0 (2) disruptive",
		},
		"are forgotten if they did not": {
			plan.Input{Manifest: owned, Observed: state.Observed{Networks: there[:1]}},
			"forget network/cbr0",
		},
		"are shown if they stay": {
			plan.Input{
				Desired:  &state.Desired{Schema: state.Schema, Owner: "a test", Networks: desired.Networks},
				Observed: state.Observed{Networks: there},
			},
			"own network/cbr0 (1 2)",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.in.Observed.Facts.Hostname = "win-1"
			planned, err := plan.Build(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, action := range planned.Actions {
				text := string(action.Verb) + " " + action.ID.String()
				for _, change := range action.Changes {
					if action.ID.Kind == state.KindNetwork {
						text += " (" + change.From + change.To + ")"
					}
				}
				if action.Disruptive && action.ID.Kind == state.KindNetwork {
					text += " disruptive"
				}
				got = append(got, text)
			}
			if text := strings.Join(got, "; "); text != tt.want || len(planned.Refusals) > 0 {
				t.Errorf("got %s, refused %v, want %s", text, planned.Refusals, tt.want)
			}
		})
	}
}

func TestANetworkIsDeletedAfterServicesAndBeforeItsFeature(t *testing.T) {
	manifest := state.Manifest{Records: []state.Record{
		{ID: state.Feature{Name: "Containers"}.ID()}, {ID: state.ContainerNetwork{Name: "cbr0"}.ID()}, {ID: state.Service{Name: "a"}.ID()},
	}}
	planned, err := plan.Build(plan.Input{Manifest: manifest, Observed: state.Observed{
		Networks: []state.HNSNetwork{{ID: "1", Name: "cbr0"}},
		Features: map[string]state.FeatureState{"CONTAINERS": state.FeatureEnabled},
		Services: map[string]state.ObservedService{"A": {Status: state.ServiceStopped}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var order []state.Kind
	for _, action := range planned.Actions {
		order = append(order, action.ID.Kind)
	}
	if len(order) != 3 || order[0] != state.KindService || order[1] != state.KindNetwork || order[2] != state.KindFeature {
		t.Errorf("got %v", order)
	}
}
