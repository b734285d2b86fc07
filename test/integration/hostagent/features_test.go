package hostagent

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAFeatureIsEnabledByARebootAndDisabledByAnother(t *testing.T) {
	h := start(t, winhost.Options{Features: []string{"Microsoft-Hyper-V"}})
	desired := &state.Desired{
		Schema: state.Schema, Owner: "a test",
		Features: []state.Feature{{Name: "Containers"}, {Name: "Microsoft-Hyper-V"}},
	}
	features := func() []state.FeatureFact {
		return h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts.Features
	}
	expect := func(want ...state.FeatureFact) {
		t.Helper()
		if diff := cmp.Diff(want, features()); diff != "" {
			t.Fatalf("features (-want +got):\n%s", diff)
		}
	}
	hyperV := state.FeatureFact{Name: "Microsoft-Hyper-V", State: state.FeatureEnabled}
	reboot := func() {
		t.Helper()
		if err := h.Reboot(testContext(t)); err != nil {
			t.Fatal(err)
		}
	}
	expect(hyperV)
	h.expect(protocol.OutcomeRebootRequired, protocol.CommandApply, desired)
	if pending := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts.PendingReboot; len(pending) == 0 {
		t.Error("the facts know of no pending reboot")
	}
	reboot()
	h.expect(protocol.OutcomeDone, protocol.CommandApply, desired)
	h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
	expect(state.FeatureFact{Name: "Containers", State: state.FeatureEnabled}, hyperV)

	h.ask(protocol.CommandRemove, nil)
	reboot()
	expect(hyperV)
}

func TestAFeatureThatWindowsDoesNotHaveIsNamed(t *testing.T) {
	h := start(t, winhost.Options{})
	result := h.ask(protocol.CommandApply, &state.Desired{
		Schema: state.Schema, Owner: "a test", Features: []state.Feature{{Name: "Contaniers"}},
	})
	if result.Outcome == protocol.OutcomeDone || result.Outcome == protocol.OutcomeRebootRequired {
		t.Errorf("it is %s", result.Outcome)
	}
}

func TestAHostHasItsOwnAddressAndNoOther(t *testing.T) {
	h := start(t, winhost.Options{})
	facts := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts
	if len(facts.Networks) != 1 {
		t.Fatalf("networks are %+v", facts.Networks)
	}
	if diff := cmp.Diff([]string{h.IP() + "/8"}, facts.Networks[0].Addresses); diff != "" {
		t.Errorf("addresses (-want +got):\n%s", diff)
	}
}
