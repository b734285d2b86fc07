package apply_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// overlay is a node of which the service makes two networks when it starts.
func overlay() *state.Desired {
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Files:    []state.File{{Path: `C:\k\plugin.exe`, Inline: text("plugin")}},
		Networks: []state.ContainerNetwork{{Name: "External"}, {Name: "flannel.4096"}},
		Services: []state.Service{{Name: "plugin", Program: `C:\k\plugin.exe`}},
	}
}

// containerHost has the feature Containers, a network that is always there, and a plugin that is to come.
func containerHost(t *testing.T) *memhost.Machine {
	t.Helper()
	m := adminsHost(t)
	m.EnableFeature("Containers")
	m.MakeNetwork(state.HNSNetwork{Name: "nat", Type: "NAT", Subnets: []string{"172.20.0.0/16"}})
	for _, name := range []string{"External", "flannel.4096"} {
		m.MakesNetwork("plugin", state.HNSNetwork{Name: name, Type: "Overlay"})
	}
	return m
}

func named(t *testing.T, m *memhost.Machine, name string) []state.HNSNetwork {
	t.Helper()
	all, err := m.Host().ContainerNetworks(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return state.NetworksNamed(all, name)
}

func TestNetworksThatPluginsMakeGoWithUs(t *testing.T) {
	m := containerHost(t)
	before := m.Snapshot()
	mustApply(t, m, overlay())
	for _, name := range []string{"External", "flannel.4096"} {
		if len(named(t, m, name)) != 1 {
			t.Errorf("%s was not made before it could be noted, or not at all", name)
		}
	}
	if again := mustApply(t, m, overlay()); again.Done > 0 {
		t.Errorf("again: %v", again.Plan.Actions)
	}
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestANetworkThatWasThereBeforeUsStays(t *testing.T) {
	m := containerHost(t)
	theirs := m.MakeNetwork(state.HNSNetwork{Name: "External", Type: "L2Bridge"})
	before := m.Snapshot()
	mustApply(t, m, overlay())
	ours := m.MakeNetwork(state.HNSNetwork{Name: "External", Type: "Overlay"}) // Names need not be unique.
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Errorf("%s was there before, %s was not: %s", theirs, ours, diff)
	}
}

func TestANetworkThatIsNoLongerDesiredGoesAndTheOthersStay(t *testing.T) {
	m := containerHost(t)
	mustApply(t, m, overlay())
	d := overlay()
	d.Networks = d.Networks[:1]
	mustApply(t, m, d)
	if len(named(t, m, "External")) != 1 || len(named(t, m, "flannel.4096")) != 0 || len(named(t, m, "nat")) != 1 {
		t.Error(m.Snapshot())
	}
}

func TestAHostWithoutTheServiceOfNetworksIsConfiguredAndGivenBack(t *testing.T) {
	m := adminsHost(t)
	before := m.Snapshot()
	mustApply(t, m, overlay())
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestAServiceOfNetworksThatComesWithTheBootIsGivenBackBeforeItGoes(t *testing.T) {
	m := adminsHost(t)
	before := m.Snapshot()
	m.MakesNetwork("plugin", state.HNSNetwork{Name: "External", Type: "Overlay"})
	d := overlay()
	d.Features = []state.Feature{{Name: "Containers"}}
	if report := mustApply(t, m, d); !report.Reboot {
		t.Fatal("the feature needs no boot")
	}
	m.Reboot()
	mustApply(t, m, d)
	if len(named(t, m, "External")) != 1 {
		t.Fatal("the plugin has made no network")
	}
	mustRemove(t, m)
	m.Reboot()
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestAHostIsRepairedWhileItsNetworksCannotBeListed(t *testing.T) {
	m := containerHost(t)
	mustApply(t, m, overlay())
	m.Fail(func(operation, _ string) error {
		if operation == "Networks" {
			return errors.New("the service is busy")
		}
		return nil
	})
	m.Crash("plugin")
	if report := mustApply(t, m, overlay()); report.Done == 0 || !m.Running("plugin") {
		t.Errorf("done: %v", report.Plan.Actions)
	}
}

func TestWhereNetworksCannotBeListedNoneIsClaimed(t *testing.T) {
	m := containerHost(t)
	m.Fail(func(operation, _ string) error {
		if operation == "Networks" {
			return errors.New("the service is busy")
		}
		return nil
	})
	if _, err := applier(m).Apply(t.Context(), overlay(), apply.NoSkew); err == nil || m.Running("plugin") {
		t.Errorf("got error %v", err)
	}
}

func TestANetworkThatCannotBeDeletedIsTriedAgain(t *testing.T) {
	m := containerHost(t)
	before := m.Snapshot()
	mustApply(t, m, overlay())
	broken := errors.New("the service is busy")
	m.Fail(func(operation, _ string) error {
		if operation == "DeleteNetwork" {
			return broken
		}
		return nil
	})
	var failed *apply.ActionError
	if _, err := applier(m).Remove(t.Context(), ""); !errors.As(err, &failed) || !errors.Is(err, broken) {
		t.Fatalf("got %v", err)
	}
	m.Fail(nil)
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestNetworksSurviveAnyEnd(t *testing.T) {
	bare := containerHost(t)
	bare.MakeNetwork(state.HNSNetwork{Name: "External", Type: "L2Bridge"})
	surviveAnyEnd(t, bare, overlay, func(*memhost.Machine) {})
}
