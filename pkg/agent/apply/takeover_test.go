package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// TestServicesThatNeededEachOtherTheOtherWayRoundAreGivenBack has each of two services put back while the other one is
// still ours, which Windows refuses in one order: they would need each other.
func TestServicesThatNeededEachOtherTheOtherWayRoundAreGivenBack(t *testing.T) {
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		t.Run(names[0]+" first", func(t *testing.T) {
			m := adminsHost(t)
			needed, needing := names[0], names[1]
			for name, needs := range map[string][]string{needed: nil, needing: {needed}} {
				if err := m.Host().Services.Create(t.Context(), name, state.ServiceConfig{
					CommandLine: `"C:\Windows\spooler.exe"`, Start: state.StartManual, Account: state.LocalSystem, DependsOn: needs,
				}); err != nil {
					t.Fatal(err)
				}
			}
			before := m.Snapshot()
			mustApply(t, m, &state.Desired{Schema: state.Schema, Owner: "cluster-1", Services: []state.Service{
				{Name: needing, Program: `C:\Windows\spooler.exe`, TakeOver: true},
				{Name: needed, Program: `C:\Windows\spooler.exe`, TakeOver: true, DependsOn: []string{needing}},
			}})
			mustRemove(t, m)
			if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
