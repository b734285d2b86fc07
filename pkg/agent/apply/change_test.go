package apply_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// TestResourcesChangeTheirNature goes through pairs of desired states that are in each other's way, and removes.
func TestResourcesChangeTheirNature(t *testing.T) {
	value := func(name string) state.RegistryValue {
		return state.RegistryValue{
			Key: `HKLM\SOFTWARE\A\B`, Name: name,
			Data: state.RegistryData{Type: state.RegistryBinary, Bytes: []byte(name)},
		}
	}
	for sentence, states := range map[string][2]state.Desired{
		"a file becomes a directory": {
			{Files: []state.File{{Path: `C:\k\x`, Inline: text("a")}}},
			{Files: []state.File{{Path: `C:\k\x\y`, Inline: text("a")}}},
		},
		"a directory becomes a file": {
			{Files: []state.File{{Path: `C:\k\x\y`, Inline: text("a")}}},
			{Files: []state.File{{Path: `C:\k\x`, Inline: text("a")}}},
		},
		"the value for which keys were made goes before another one": {
			{Registry: []state.RegistryValue{value("a"), value("b")}},
			{Registry: []state.RegistryValue{value("b")}},
		},
		"a list of entries becomes a value": {
			{Variables: []state.Variable{{Name: "NO_PROXY", Entries: []string{".svc"}, Separator: ","}}},
			{Variables: []state.Variable{{Name: "NO_PROXY", Value: text("*")}}},
		},
		"a value becomes a list of entries": {
			{Variables: []state.Variable{{Name: "NO_PROXY", Value: text("*")}}},
			{Variables: []state.Variable{{Name: "NO_PROXY", Entries: []string{".svc"}, Separator: ","}}},
		},
		"a directory is for administrators and then for all": {
			{Directories: []state.Directory{{Path: `C:\etc`, Access: state.AccessAdministrators}}},
			{Directories: []state.Directory{{Path: `C:\etc`}}},
		},
		"a file is for administrators and then for all": {
			{Files: []state.File{{Path: `C:\etc\motd.txt`, Inline: text("a"), Access: state.AccessAdministrators}}},
			{Files: []state.File{{Path: `C:\etc\motd.txt`, Inline: text("b")}}},
		},
		"a service needs the one that has needed it": {
			{Services: []state.Service{
				{Name: "x", Program: `C:\Windows\spooler.exe`, DependsOn: []string{"y"}}, {Name: "y", Program: `C:\Windows\spooler.exe`},
			}},
			{Services: []state.Service{
				{Name: "x", Program: `C:\Windows\spooler.exe`}, {Name: "y", Program: `C:\Windows\spooler.exe`, DependsOn: []string{"x"}},
			}},
		},
		"a service no longer runs": {
			{Services: []state.Service{{Name: "x", Program: `C:\Windows\spooler.exe`}}},
			{Services: []state.Service{{Name: "x", Program: `C:\Windows\spooler.exe`, Stopped: true, Start: state.StartManual}}},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := adminsHost(t)
			before := m.Snapshot()
			for _, d := range states {
				d.Schema, d.Owner = state.Schema, "cluster-1"
				if err := d.Validate(); err != nil {
					t.Fatal(err)
				}
				mustApply(t, m, &d)
				if again := mustApply(t, m, &d); again.Done > 0 {
					t.Errorf("again: %v", again.Plan.Actions)
				}
			}
			mustRemove(t, m)
			if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
