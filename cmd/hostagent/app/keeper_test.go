package app

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func keeperOn(m *memhost.Machine) *keeper {
	on := m.Host()
	return &keeper{
		applier: apply.Applier{Host: on, Store: store.New(on.Files, store.DefaultRoot), Holder: "a test", Limits: apply.DefaultLimits()},
		service: serviceName, interval: time.Minute, now: time.Now,
	}
}

func letEverybodyWrite(t *testing.T, m *memhost.Machine, path winpath.Path) {
	t.Helper()
	access := state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BAD:(A;OICI;FA;;;WD)"}
	if err := m.Host().Files.SetAccess(t.Context(), path, access); err != nil {
		t.Fatal(err)
	}
}

func TestAPass(t *testing.T) {
	tests := map[string]struct {
		prepare func(t *testing.T, m *memhost.Machine)
		outcome protocol.Outcome
		done    int
		content string
	}{
		"nothing was applied": {func(*testing.T, *memhost.Machine) {}, protocol.OutcomeDone, 0, ""},
		"the host is as desired": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
		}, protocol.OutcomeDone, 0, "x"},
		"a file has drifted": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.WriteFile(managed, "tampered")
		}, protocol.OutcomeDone, 1, "x"},
		"something is in the way": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.RemoveFile(managed)
			m.Link(managed)
		}, protocol.OutcomeRefused, 0, ""},
		"somebody else could have written what was saved": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.WriteFile(managed, "tampered")
			letEverybodyWrite(t, m, store.DefaultRoot.Join("desired.json"))
		}, protocol.OutcomeFailed, 0, "tampered"},
		"somebody else could have written what is ours": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.WriteFile(managed, "tampered")
			letEverybodyWrite(t, m, store.DefaultRoot)
		}, protocol.OutcomeFailed, 0, "tampered"},
		"somebody else changes the host": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.WriteFile(managed, "tampered")
			if _, err := m.Host().System.Lock(t.Context(), store.DefaultRoot.Join("lock"), "another"); err != nil {
				t.Fatal(err)
			}
		}, protocol.OutcomeLocked, 0, "tampered"},
		"the host fails": {func(t *testing.T, m *memhost.Machine) {
			mustApply(t, m, "x")
			m.WriteFile(managed, "tampered")
			m.Fail(func(operation, _ string) error {
				if operation == "Rename" {
					return errors.New("the disk is broken")
				}
				return nil
			})
		}, protocol.OutcomeFailed, 0, "tampered"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := memhost.New()
			tt.prepare(t, m)
			status, restart := keeperOn(m).pass(t.Context())
			if status.Outcome != tt.outcome || status.Done != tt.done || restart {
				t.Errorf("got %+v, restart %t", status, restart)
			}
			if content, _ := m.ReadFile(managed); content != tt.content {
				t.Errorf("the file has %q", content)
			}
		})
	}
}

const tool, toolContent = winpath.Path(`C:\k\tool.exe`), "a program of a hundred megabytes"

// withTool is a host on which a program was brought and applied, that nobody has any more but the host.
func withTool(t *testing.T) *memhost.Machine {
	t.Helper()
	m := memhost.New()
	d, k := desired("x"), keeperOn(m)
	digest := state.Digest([]byte(toolContent))
	d.Files = append(d.Files, state.File{Path: tool, SHA256: digest, Size: int64(len(toolContent))})
	m.WriteFile(k.applier.Store.ContentPath(digest), toolContent)
	if _, err := k.applier.Apply(t.Context(), d, apply.NoSkew); err != nil {
		t.Fatal(err)
	}
	return m
}

func TestAProgramIsRepairedWithoutAManager(t *testing.T) {
	for sentence, damage := range map[string]func(m *memhost.Machine){
		"one that was deleted": func(m *memhost.Machine) { m.RemoveFile(tool) },
		"one that was damaged": func(m *memhost.Machine) { m.WriteFile(tool, "half of it") },
	} {
		t.Run(sentence, func(t *testing.T) {
			m := withTool(t)
			for range 2 { // What is kept is not used up.
				damage(m)
				if status, _ := keeperOn(m).pass(t.Context()); status.Outcome != protocol.OutcomeDone || status.Done != 1 {
					t.Errorf("got %+v", status)
				}
				if content, _ := m.ReadFile(tool); content != toolContent {
					t.Errorf("it has %q", content)
				}
			}
		})
	}
}

func TestWhatWasKeptAndIsDamagedIsNotUsed(t *testing.T) {
	m := withTool(t)
	m.RemoveFile(tool)
	m.WriteFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte(toolContent))), "half of it")
	for range 2 {
		if status, _ := keeperOn(m).pass(t.Context()); status.Outcome != protocol.OutcomeContentMissing || status.Done != 0 {
			t.Errorf("got %+v", status)
		}
		if content, there := m.ReadFile(tool); there {
			t.Errorf("it has %q", content)
		}
	}
}

func TestTheWaitGrowsWithFailuresAndEndsWithSuccess(t *testing.T) {
	k := &keeper{interval: 5 * time.Minute}
	var got []time.Duration
	for _, outcome := range []protocol.Outcome{
		protocol.OutcomeDone, protocol.OutcomeFailed, protocol.OutcomeFailed, protocol.OutcomeFailed, protocol.OutcomeFailed,
		protocol.OutcomeLocked, protocol.OutcomeDone, protocol.OutcomeFailed,
	} {
		got = append(got, k.next(Status{Outcome: outcome}))
	}
	want := []time.Duration{
		5 * time.Minute, 10 * time.Minute, 20 * time.Minute, 30 * time.Minute, 30 * time.Minute,
		30 * time.Second, 5 * time.Minute, 10 * time.Minute,
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%d: got %s, want %s", i, got[i], want[i])
		}
	}
}

func TestTheSameIsToldOnce(t *testing.T) {
	log := &events{}
	a := announcer{log: log}
	repaired := Status{Outcome: protocol.OutcomeDone, Found: []string{"update file/x: it differed"}, Done: 1}
	for _, status := range []Status{
		{Outcome: protocol.OutcomeDone}, {Outcome: protocol.OutcomeDone}, {Outcome: protocol.OutcomeLocked}, repaired,
		{Outcome: protocol.OutcomeDone}, {Outcome: protocol.OutcomeFailed, Error: strings.Repeat("x", 1<<20)},
		{Outcome: protocol.OutcomeRefused, Found: []string{"Port 1 is in use."}},
		{Outcome: protocol.OutcomeRebootRequired}, {Outcome: protocol.OutcomeContentMissing},
	} {
		if err := a.announce(status); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"info: The host is as", "warning: The host was not", "info: The host is as", "error: The host could", "error: ", "warning: ", "warning: "}
	if len(log.written) != len(want) {
		t.Fatalf("got %d events", len(log.written))
	}
	for i, text := range log.written {
		if !strings.HasPrefix(text, want[i]) || len(text) > 31000 {
			t.Errorf("%d: got %.80q of %d bytes", i, text, len(text))
		}
	}
}

func TestTheServiceLooksUntilItIsStopped(t *testing.T) {
	m := memhost.New()
	mustApply(t, m, "x")
	m.WriteFile(managed, "tampered")
	ctx, stop := context.WithCancel(t.Context())
	p := platform(m)
	log := &events{}
	p.OpenEventLog = func(string) (EventLog, error) { return stopping{log, stop}, nil }
	if err := keep(ctx, p, serviceName, time.Minute); err != nil {
		t.Fatal(err)
	}
	if content, _ := m.ReadFile(managed); content != "x" {
		t.Errorf("the file has %q", content)
	}
	if status, there := m.ReadFile(store.DefaultRoot.Join("status.json")); !there || !strings.Contains(status, managed.Base()) {
		t.Errorf("the status is %q", status)
	}
}

func TestAServiceThatWasReplacedEndsWithAnErrorWhenItIsToldToStop(t *testing.T) {
	const program winpath.Path = `C:\Program Files\mullion\mullion-agent.exe`
	service := state.Service{Name: serviceName, Program: program, Arguments: []string{"serve"}}
	for sentence, test := range map[string]struct {
		change   func(*testing.T, *memhost.Machine)
		replaced bool
	}{
		"another program": {func(_ *testing.T, m *memhost.Machine) {
			m.WriteFile(program, "v2")
		}, true},
		"another configuration": {func(t *testing.T, m *memhost.Machine) {
			changed := service
			changed.Arguments = []string{"serve", "--interval", "1h"}
			if err := m.Host().Services.Configure(t.Context(), serviceName, changed.Config()); err != nil {
				t.Fatal(err)
			}
		}, true},
		"nothing":                                {func(*testing.T, *memhost.Machine) {}, false},
		"a program that is gone, as the host is": {func(_ *testing.T, m *memhost.Machine) { m.RemoveFile(program) }, false},
		"a host that does not answer": {func(_ *testing.T, m *memhost.Machine) {
			m.WriteFile(program, "v2")
			m.Fail(func(string, string) error { return errors.New("the disk is broken") })
		}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			mustApply(t, m, "x")
			m.WriteFile(program, "v1")
			if err := m.Install(t.Context(), serviceName, service.Config()); err != nil {
				t.Fatal(err)
			}
			m.WriteFile(managed, "tampered")
			ctx, stop := context.WithCancel(t.Context())
			p := platform(m)
			p.Program = program
			p.OpenEventLog = func(string) (EventLog, error) {
				return stopping{&events{}, func() {
					test.change(t, m)
					stop()
				}}, nil
			}
			if err := keep(ctx, p, serviceName, time.Minute); errors.Is(err, errRestart) != test.replaced || !test.replaced && err != nil {
				t.Errorf("got %v", err)
			}
		})
	}
}

// stopping stops the service when it has told something.
type stopping struct {
	*events
	stop func()
}

func (s stopping) Warning(text string) error {
	s.stop()
	return s.events.Warning(text)
}

func TestAServiceThatCannotBeStartedAgainGoesOn(t *testing.T) {
	for name, tt := range map[string]struct {
		recovery state.Recovery
		restart  bool
	}{
		"without recovery": {state.Recovery{}, false},
		"with recovery":    {state.Recovery{RestartAfterSeconds: []int{1}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := memhost.New()
			m.SetFacts(func(facts *state.Facts) { facts.Service = serviceName })
			program := "the agent"
			d := desired("x")
			d.Files = append(d.Files, state.File{Path: `C:\k\agent.exe`, Inline: &program})
			d.Services = []state.Service{{Name: serviceName, Program: `C:\k\agent.exe`, Recovery: tt.recovery}}
			k := keeperOn(m)
			if _, err := k.applier.Apply(t.Context(), d, apply.NoSkew); err != nil {
				t.Fatal(err)
			}
			m.Crash(serviceName)
			m.WriteFile(`C:\k\agent.exe`, "tampered")
			if err := m.Host().Services.Start(t.Context(), serviceName); err != nil {
				t.Fatal(err)
			}
			status, restart := k.pass(t.Context())
			if aside := asides(m); aside != 1 {
				t.Errorf("%d programs were moved aside", aside)
			}
			m.Crash(serviceName)
			if _, again := k.pass(t.Context()); again || asides(m) != 0 {
				t.Errorf("afterwards it restarts: %t, and %d programs are left", again, asides(m))
			}
			if restart != tt.restart || (status.Error == "") != tt.restart {
				t.Errorf("restart %t, status %+v", restart, status)
			}
		})
	}
}

// asides counts programs that have made way for others.
func asides(m *memhost.Machine) int {
	count := 0
	for name := range m.Snapshot() {
		if strings.Contains(name, ".mullion-old") {
			count++
		}
	}
	return count
}
