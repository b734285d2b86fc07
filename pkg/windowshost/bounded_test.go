package windowshost

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// A status is to be far from 1.5 MiB, which is what etcd takes.
const enoughStatus = 128 << 10

func TestAHostThatSaysMegabytesOfItselfHasAStatusThatCanBeWritten(t *testing.T) {
	long := strings.Repeat("x", 1<<20)
	facts := &state.Facts{
		Build: long, Edition: long, InstallationType: long, Language: long, Hostname: long, BootID: long, AgentVersion: long,
	}
	network := state.Network{Name: "Ethernet"}
	for i := range 1 << 14 {
		facts.PendingReboot = append(facts.PendingReboot, long)
		network.Addresses = append(network.Addresses, fmt.Sprintf("10.0.%d.%d/8", i>>8, i&255))
	}
	facts.Networks = []state.Network{network}
	status := v1alpha1.WindowsHostStatus{Facts: hostFacts(bounded(facts))}
	status.Node = &v1alpha1.HostNode{Addresses: addresses(bounded(facts))}
	if size := sizeOf(t, status); size > enoughStatus {
		t.Errorf("it has %d bytes", size)
	}
	if len(facts.BootID) != len(long) || len(facts.PendingReboot) != 1<<14 {
		t.Error("what the host has said was changed")
	}
}

func TestAHostThatPlansMegabytesHasAStatusThatCanBeWritten(t *testing.T) {
	long := strings.Repeat("ä", 1<<19)
	plan := &state.Plan{}
	for i := range 1 << 10 {
		verb := state.Verb(fmt.Sprintf("%s%d", long, i))
		plan.Actions = append(plan.Actions, state.Action{Verb: verb, ID: state.ID{Kind: state.KindFile, Name: long}, Reason: long})
		plan.Refusals = append(plan.Refusals, state.Finding{Message: long})
		if i > v1alpha1.MaxPlannedActions {
			long = "x" // The summary has all of them nevertheless.
		}
	}
	if size := sizeOf(t, v1alpha1.WindowsHostStatus{Plan: hostPlan(plan, "d")}); size > enoughStatus {
		t.Errorf("it has %d bytes", size)
	}
}

func TestWhatAHostUsuallySaysIsKeptAsItIs(t *testing.T) {
	facts := &state.Facts{Build: "10.0.20348", Hostname: "WIN-1", BootID: "7", PendingReboot: []string{"an update was installed"}}
	if diff := cmp.Diff(facts, bounded(facts)); diff != "" {
		t.Error(diff)
	}
}

func sizeOf(t *testing.T, status v1alpha1.WindowsHostStatus) int {
	t.Helper()
	written, err := json.Marshal(status)
	if err != nil {
		t.Fatal(err)
	}
	return len(written)
}
