package apply_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const keeper = "mullion-agent"

// installing is a host that shall have the agent as a service, in a version that is a file of ours.
func installing(m *memhost.Machine, path winpath.Path, version string) *state.Desired {
	upload(m, version)
	d := serving(version)
	d.Files = append(d.Files, binary(path, version))
	d.Services[0].Program = path
	return d
}

// upgrades are the ways to another version of the agent's own service.
func upgrades() map[string]func(m *memhost.Machine, version string) *state.Desired {
	return map[string]func(m *memhost.Machine, version string) *state.Desired{
		"side by side, as it was brought": func(m *memhost.Machine, version string) *state.Desired {
			bring(m, version)
			return serving(version)
		},
		"a program that makes way": func(m *memhost.Machine, version string) *state.Desired {
			return installing(m, `C:\Program Files\mullion\mullion-agent.exe`, version)
		},
		"a program that takes the place of another one": func(m *memhost.Machine, version string) *state.Desired {
			return installing(m, winpath.Path(`C:\agent`).Join(version, "mullion-agent.exe"), version)
		},
		"another configuration": func(m *memhost.Machine, version string) *state.Desired {
			d := installing(m, `C:\agent\mullion-agent.exe`, "the same")
			d.Services[0].Arguments = append(d.Services[0].Arguments, "--interval", map[string]string{"v1": "1m", "v2": "2m"}[version])
			return d
		},
	}
}

// withMore adds what there is to do besides: something is set, something deleted, and another service is restarted.
func withMore(m *memhost.Machine, d *state.Desired, version string) *state.Desired {
	upload(m, "web "+version)
	d.Files = append(d.Files, binary(`C:\web\web.exe`, "web "+version))
	d.Services = append(d.Services, state.Service{Name: "web", Program: `C:\web\web.exe`})
	d.Variables = append(d.Variables, state.Variable{Name: "ONLY_" + version, Value: text("x")})
	return d
}

func TestTheAgentsOwnServiceIsStoppedForAMomentAndLast(t *testing.T) {
	for sentence, upgrade := range upgrades() {
		t.Run(sentence, func(t *testing.T) {
			start := memhost.New()
			mustApply(t, start, withMore(start, upgrade(start, "v1"), "v1"))
			whole := start.Clone()
			report := mustApply(t, whole, withMore(whole, upgrade(whole, "v2"), "v2"))
			expectRestartLast(t, report, whole.Operations())
			if !whole.Running(keeper) {
				t.Fatal("it does not run")
			}
			if again := mustApply(t, whole, withMore(whole, upgrade(whole, "v2"), "v2")); again.Done > 0 {
				t.Errorf("a second time: %+v", again.Plan.Actions)
			}
			stopped := 0
			for n := 1; ; n++ {
				m := start.Clone()
				m.Supersede(keeper)
				d := withMore(m, upgrade(m, "v2"), "v2")
				m.CutAt(n)
				_, err := tryApply(t, m, d)
				if !m.WasCut() {
					break
				}
				if err == nil {
					t.Fatalf("cut at %d: no error", n)
				}
				at := last(m.Operations())
				m.Kill()
				if !m.Running(keeper) {
					stopped++
				}
				m.Pass(time.Minute)
				if !m.Running(keeper) {
					t.Fatalf("killed at %d, after %s: the service stays stopped", n, at)
				}
				mustApply(t, m, d)
				if diff := cmp.Diff(whole.Snapshot(store.DefaultRoot), m.Snapshot(store.DefaultRoot)); diff != "" {
					t.Fatalf("killed at %d, after %s: the host is not as without that (-without +with):\n%s", n, at, diff)
				}
			}
			if stopped != 1 {
				t.Errorf("at %d moments the service is stopped", stopped)
			}
		})
	}
}

// expectRestartLast expects nothing to be between stop and start, and nothing after it but what had to wait for it.
func expectRestartLast(t *testing.T, report apply.Report, operations []string) {
	t.Helper()
	restart := slices.IndexFunc(report.Plan.Actions, func(a state.Action) bool { return a.Verb == state.VerbRestart })
	if restart < 0 {
		t.Fatalf("planned are %v", report.Plan.Actions)
	}
	for _, action := range report.Plan.Actions[restart+1:] {
		if action.Verb != state.VerbDelete || action.ID.Kind != state.KindFile && action.ID.Kind != state.KindDirectory {
			t.Errorf("%s %s comes after the restart", action.Verb, action.ID)
		}
	}
	stop, start := slices.Index(operations, "StopService "+keeper), slices.Index(operations, "StartService "+keeper)
	if stop < 0 || start != stop+1 {
		t.Errorf("it is stopped at %d and started at %d", stop, start)
	}
}

func TestARestartOfTheAgentsOwnServiceIsNotForgotten(t *testing.T) {
	m := memhost.New()
	upgrade := upgrades()["a program that makes way"]
	mustApply(t, m, upgrade(m, "v1"))
	second := upgrade(m, "v2")
	for n := 1; ; n++ {
		m.CutAt(n)
		_, _ = tryApply(t, m, second)
		content, _ := m.ReadFile(`C:\Program Files\mullion\mullion-agent.exe`)
		m.Kill()
		if content == "v2" {
			break // Nothing tells any more what runs, but for what was noted.
		}
		mustApply(t, m, upgrade(m, "v1"))
		upgrade(m, "v2")
	}
	planned, _, err := applier(m).Plan(t.Context(), second, apply.NoSkew)
	if err != nil || len(planned.Actions) != 1 || planned.Actions[0].Reason != "It was not yet restarted after a change." {
		t.Errorf("planned %v, error %v", planned.Actions, err)
	}
	booted := m.Clone()
	booted.Reboot()
	if planned, _, err := applier(booted).Plan(t.Context(), second, apply.NoSkew); err != nil || len(planned.Actions) > 0 {
		t.Errorf("after a boot: planned %v, error %v", planned.Actions, err)
	}
	mustApply(t, m, second)
	if planned, _, err := applier(m).Plan(t.Context(), second, apply.NoSkew); err != nil || len(planned.Actions) > 0 {
		t.Errorf("afterwards: planned %v, error %v", planned.Actions, err)
	}
}

func TestTheAgentsOwnServiceLeavesToItsSuccessorWhatItRuns(t *testing.T) {
	m := memhost.New()
	upgrade := upgrades()["a program that takes the place of another one"]
	mustApply(t, m, upgrade(m, "v1"))
	m.SetFacts(func(facts *state.Facts) { facts.Service = keeper })
	d := upgrade(m, "v2")
	if report := mustApply(t, m, d); !report.Restart || report.Done >= len(report.Plan.Actions) {
		t.Errorf("restart %t, done %d of %d", report.Restart, report.Done, len(report.Plan.Actions))
	}
	if _, there := m.ReadFile(`C:\agent\v1\mullion-agent.exe`); !there {
		t.Error("the program that runs is gone")
	}
	m.Crash(keeper)
	check(t, m.Host().Services.Start(t.Context(), keeper))
	mustApply(t, m, d)
	if _, there := m.ReadFile(`C:\agent\v1\mullion-agent.exe`); there {
		t.Error("the old program is left")
	}
	if report := mustApply(t, m, d); report.Done > 0 || report.Restart {
		t.Errorf("it does not come to an end: %+v", report)
	}
}
