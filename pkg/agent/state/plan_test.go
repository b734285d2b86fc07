package state_test

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestAPlanSaysWhetherItIsEmptyAndWhetherItTakesABoot(t *testing.T) {
	for sentence, test := range map[string]struct {
		plan          state.Plan
		empty, reboot bool
	}{
		"nothing to do":                        {state.Plan{}, true, false},
		"something to know":                    {state.Plan{Notes: []string{"x"}}, true, false},
		"something to do":                      {state.Plan{Actions: []state.Action{{}}}, false, false},
		"something in the way":                 {state.Plan{Refusals: []state.Finding{{}}}, false, false},
		"something that takes a boot":          {state.Plan{Actions: []state.Action{{}, {Reboot: true}}}, false, true},
		"something that waits for a boot":      {state.Plan{Actions: []state.Action{{}, {AfterReboot: true}}}, false, true},
		"something done that waits for a boot": {state.Plan{RebootRequired: []string{"x"}}, false, true},
	} {
		t.Run(sentence, func(t *testing.T) {
			if test.plan.Empty() != test.empty || test.plan.NeedsReboot() != test.reboot {
				t.Errorf("empty %t, reboot %t", test.plan.Empty(), test.plan.NeedsReboot())
			}
		})
	}
}

func TestTheAgentsOwnServiceIsKnownByWhatItRuns(t *testing.T) {
	for sentence, test := range map[string]struct {
		service state.Service
		want    bool
	}{
		"whatever it is called":    {state.Service{Name: "x", Program: `C:\k\MULLION-agent.EXE`, Arguments: []string{"serve", "--interval", "1m"}}, true},
		"not by its name":          {state.Service{Name: "mullion-agent", Program: `C:\k\kubelet.exe`, Arguments: []string{"serve"}}, false},
		"not if it does not serve": {state.Service{Name: "mullion-agent", Program: `C:\k\mullion-agent.exe`, Arguments: []string{"facts"}}, false},
		"not without an argument":  {state.Service{Name: "mullion-agent", Program: `C:\k\mullion-agent.exe`}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if test.service.RunsAgent() != test.want {
				t.Errorf("it is: %t", !test.want)
			}
		})
	}
}

func TestAnIDIsReadAsItIsWritten(t *testing.T) {
	for _, id := range []state.ID{
		state.HostnameID(), state.File{Path: `C:\a\b.txt`}.ID(), state.Versions{Root: `C:\v`}.ID(),
		state.RegistryValue{Key: `HKLM\SOFTWARE\A`, Name: "B/C"}.ID(),
	} {
		text, err := id.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var again state.ID
		if err := again.UnmarshalText(text); err != nil || again != id {
			t.Errorf("%s was read as %s, error %v", text, again, err)
		}
	}
}
