package memhost_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func TestADeadProcessChangesNothingAndReadsNothing(t *testing.T) {
	m := memhost.New()
	files := m.Host().Files
	m.CutAt(2)
	must(t, files.MakeDirectory(t.Context(), `C:\a`))
	if err := files.MakeDirectory(t.Context(), `C:\b`); !errors.Is(err, memhost.ErrCut) || !m.WasCut() {
		t.Errorf("got error %v", err)
	}
	if _, err := files.Stat(t.Context(), `C:\a`); !errors.Is(err, memhost.ErrCut) {
		t.Errorf("it still reads: %v", err)
	}
	if diff := cmp.Diff([]string{`MakeDirectory C:\a`}, m.Operations()); diff != "" {
		t.Errorf("what it did (-want +got):\n%s", diff)
	}
	m.Kill()
	if _, err := files.Stat(t.Context(), `C:\a`); err != nil || m.WasCut() {
		t.Errorf("the next process: %v", err)
	}
}

func TestALockIsFreeWhenItsProcessIsKilled(t *testing.T) {
	m := memhost.New()
	system := m.Host().System
	_, err := system.Lock(t.Context(), `C:\lock`, "first")
	must(t, err)
	var locked *host.LockedError
	if _, err := system.Lock(t.Context(), `C:\lock`, "second"); !errors.As(err, &locked) || locked.Holder != "first" {
		t.Errorf("got error %v", err)
	}
	m.Kill()
	unlock, err := system.Lock(t.Context(), `C:\lock`, "second")
	must(t, err, unlock())
}

func TestAServiceThatIsSupersededEndsWithAnErrorAndIsStartedAgainAfterItsDelay(t *testing.T) {
	for sentence, test := range map[string]struct {
		recovery state.Recovery
		again    bool
	}{
		"with a recovery action": {state.Recovery{RestartAfterSeconds: []int{5}, OnError: true}, true},
		"without":                {state.Recovery{}, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			m.WriteFile(`C:\x.exe`, "x")
			must(t, m.Install(t.Context(), "a", state.ServiceConfig{CommandLine: `"C:\x.exe"`, Start: state.StartAutomatic, Recovery: test.recovery}))
			m.Supersede("A")
			must(t, m.Host().Services.Stop(t.Context(), "a"))
			m.Pass(4 * time.Second)
			if m.Running("a") {
				t.Error("it runs before its delay is over")
			}
			m.Pass(2 * time.Second)
			if m.Running("a") != test.again {
				t.Errorf("it runs: %t", !test.again)
			}
		})
	}
}

func TestAServiceThatCannotStartSaysWhyInItsLogUntilItIsRepaired(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\x.exe`, "x")
	services := m.Host().Services
	must(t, services.Create(t.Context(), "a", state.ServiceConfig{CommandLine: `"C:\x.exe"`}))
	m.FailStart("a", `C:\a.log`, "no such pipe")
	_ = services.Start(t.Context(), "a") // It starts, and ends; what is left is its log.
	if log, _ := m.ReadFile(`C:\a.log`); m.Running("a") || log != "no such pipe" {
		t.Errorf("it runs: %t, and its log is %q", m.Running("a"), log)
	}
	m.Repair("A")
	must(t, services.Start(t.Context(), "a"))
	m.Crash("a")
	if m.Running("a") {
		t.Error("it runs after it has crashed")
	}
}

func TestACloneSharesNothing(t *testing.T) {
	m := memhost.New()
	m.EnableFeature("Containers")
	m.WriteFile(`C:\x.exe`, "x")
	must(t, m.Install(t.Context(), "a", state.ServiceConfig{CommandLine: `"C:\x.exe"`}))
	before := m.Snapshot()
	clone := m.Clone()
	if diff := cmp.Diff(before, clone.Snapshot()); diff != "" {
		t.Fatalf("it is another host (-want +got):\n%s", diff)
	}
	clone.WriteFile(`C:\x.txt`, "x")
	clone.MakeNetwork(state.HNSNetwork{Name: "nat"})
	must(t, clone.Host().Services.Stop(t.Context(), "a"),
		clone.Host().Environment.SetVariable(t.Context(), "A", state.EnvironmentValue{Text: "1"}))
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Errorf("a change of the clone shows (-want +got):\n%s", diff)
	}
	if err := clone.Host().Files.Remove(t.Context(), `C:\x.exe`); err != nil {
		t.Errorf("the clone's program is held by a service of the original: %v", err)
	}
}

func TestASnapshotLeavesOutWhatIsBelowADirectory(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\keep\a`, "x")
	m.WriteFile(`C:\leave\a\b`, "x")
	m.Link(`C:\link`)
	all, some := m.Snapshot(), m.Snapshot(`C:\leave`)
	for _, gone := range []string{`path C:\leave`, `path C:\leave\a`, `path C:\leave\a\b`} {
		if _, there := all[gone]; !there {
			t.Errorf("%s is nowhere", gone)
		}
		delete(all, gone)
	}
	if diff := cmp.Diff(all, some); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if some[`path C:\link`] != "link inherited" {
		t.Errorf("the link is %q", some[`path C:\link`])
	}
}

func TestASnapshotSaysWhomSomethingBelongsToUnlessItIsAdministrators(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\a`, "x")
	must(t, m.Host().Files.SetAccess(t.Context(), `C:\a`, state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BUD:P"}))
	if got := m.Snapshot()[`path C:\a`]; got != `file other of BU "x"` {
		t.Errorf("it is %s", got)
	}
}

func TestANetworkPluginMakesItsNetworkWhenItStarts(t *testing.T) {
	m := memhost.New()
	m.EnableFeature("Containers")
	m.WriteFile(`C:\x.exe`, "x")
	m.MakesNetwork("flanneld", state.HNSNetwork{Name: "cbr0"})
	services, names := m.Host().Services, func() (names []string) {
		networks, err := m.Host().ContainerNetworks(t.Context())
		must(t, err)
		for _, network := range networks {
			names = append(names, network.Name)
		}
		return names
	}
	must(t, m.Install(t.Context(), "Flanneld", state.ServiceConfig{CommandLine: `"C:\x.exe"`}),
		services.Stop(t.Context(), "flanneld"), services.Start(t.Context(), "flanneld"))
	if diff := cmp.Diff([]string{"cbr0"}, names()); diff != "" {
		t.Errorf("networks (-want +got):\n%s", diff)
	}
}

func TestAFeatureChangesWithTheNextBoot(t *testing.T) {
	m := memhost.New()
	features := m.Host().Features
	is := func(want state.FeatureState) {
		t.Helper()
		if got, err := features.Feature(t.Context(), "containers"); err != nil || got != want {
			t.Errorf("it is %s, want %s, error %v", got, want, err)
		}
	}
	must(t, features.Enable(t.Context(), "Containers"))
	is(state.FeatureEnablePending)
	m.Reboot()
	is(state.FeatureEnabled)
	must(t, features.Disable(t.Context(), "Containers"))
	is(state.FeatureDisablePending)
	m.Reboot()
	is(state.FeatureDisabled)
}

func TestServicesStartAtBootAsTheyAreConfigured(t *testing.T) {
	for start, want := range map[state.StartType]bool{
		state.StartAutomatic: true, state.StartDelayed: true, state.StartManual: false,
	} {
		m := memhost.New()
		m.WriteFile(`C:\x.exe`, "x")
		must(t, m.Install(t.Context(), "a", state.ServiceConfig{CommandLine: `"C:\x.exe"`, Start: start}))
		if m.Reboot(); m.Running("a") != want {
			t.Errorf("%s: it runs: %t", start, !want)
		}
	}
}

func TestAnAccessThatNamesNoOwnerLeavesTheOwner(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\a`, "")
	files := m.Host().Files
	owner := func() string {
		access, err := files.Access(t.Context(), winpath.Path(`C:\a`))
		must(t, err)
		return state.OwnerOf(access.SDDL)
	}
	for _, step := range []struct {
		set  state.AccessState
		want string
	}{
		{state.AccessState{Level: state.AccessLevelOther, SDDL: "O:BUD:P"}, "BU"},
		{state.AccessState{Level: state.AccessLevelOther, SDDL: "D:P(A;;FA;;;SY)"}, "BU"},
		{state.AccessState{Level: state.AccessLevelInherited}, "BA"},
		{state.AccessState{Level: state.AccessLevelInherited, SDDL: "O:SYD:AI"}, "SY"},
		{state.AccessState{Level: state.AccessLevelAdministrators, SDDL: "O:BUD:P"}, "BA"},
	} {
		must(t, files.SetAccess(t.Context(), `C:\a`, step.set))
		if got := owner(); got != step.want {
			t.Errorf("after %+v the owner is %s, want %s", step.set, got, step.want)
		}
	}
}
