package memhost_test

import (
	"errors"
	"io/fs"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func must(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}

func TestAPowerCutTakesWhatWasNotSynced(t *testing.T) {
	m := memhost.New()
	files := m.Host().Files
	file, err := files.Create(t.Context(), `C:\a`, false)
	must(t, err)
	_, err = file.Write([]byte("synced"))
	must(t, err, file.Sync())
	_, err = file.Write([]byte(" and not"))
	must(t, err)
	_, err = files.Create(t.Context(), `C:\b`, false)
	must(t, err)
	m.LosePower()
	if content, _ := m.ReadFile(`C:\a`); content != "synced" {
		t.Errorf("it is %q", content)
	}
	if _, there := m.ReadFile(`C:\b`); there {
		t.Error("a name that was never durable is there")
	}
}

func TestRenamingMakesANameDurableButNotItsContent(t *testing.T) {
	m := memhost.New()
	files := m.Host().Files
	file, err := files.Create(t.Context(), `C:\a`, false)
	must(t, err)
	_, err = file.Write([]byte("never synced"))
	must(t, err, file.Close(), files.Rename(t.Context(), `C:\a`, `C:\b`))
	m.LosePower()
	if content, there := m.ReadFile(`C:\b`); content != "" || !there {
		t.Errorf("it is %q, there %t", content, there)
	}
}

func TestAPowerCutTakesSettingsThatWereNotFlushed(t *testing.T) {
	m := memhost.New()
	environment := m.Host().Environment
	must(t, environment.SetVariable(t.Context(), "A", state.EnvironmentValue{Text: "1"}),
		m.Host().System.Flush(t.Context()), environment.SetVariable(t.Context(), "A", state.EnvironmentValue{Text: "2"}))
	m.LosePower()
	if value, err := environment.Variable(t.Context(), "a"); err != nil || value.Text != "1" {
		t.Errorf("it is %q, error %v", value.Text, err)
	}
}

func TestEveryBootHasAnIDOfItsOwn(t *testing.T) {
	m := memhost.New()
	seen := map[string]bool{}
	for _, boot := range []func(){func() {}, m.Reboot, m.LosePower} {
		boot()
		facts, err := m.Host().System.Facts(t.Context(), nil)
		must(t, err)
		if seen[facts.BootID] {
			t.Errorf("%s was there before", facts.BootID)
		}
		seen[facts.BootID] = true
	}
}

func TestAProgramThatRunsCanOnlyBeRenamed(t *testing.T) {
	m := memhost.New()
	files := m.Host().Files
	m.WriteFile(`C:\x.exe`, "x")
	m.WriteFile(`C:\y.exe`, "y")
	must(t, m.Install(t.Context(), "x", state.ServiceConfig{CommandLine: `"C:\x.exe"`}))
	if err := files.Rename(t.Context(), `C:\y.exe`, `C:\x.exe`); !errors.Is(err, host.ErrInUse) {
		t.Errorf("replacing it: %v", err)
	}
	if err := files.Remove(t.Context(), `C:\x.exe`); !errors.Is(err, host.ErrInUse) {
		t.Errorf("deleting it: %v", err)
	}
	if _, err := files.Create(t.Context(), `C:\x.exe`, false); !errors.Is(err, host.ErrInUse) {
		t.Errorf("overwriting it: %v", err)
	}
	must(t, files.Rename(t.Context(), `C:\x.exe`, `C:\z.exe`), files.Rename(t.Context(), `C:\y.exe`, `C:\x.exe`))
}

func TestAFileThatIsHeldCannotBeMoved(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\x`, "x")
	release := m.Hold(`C:\x`)
	if err := m.Host().Files.Rename(t.Context(), `C:\x`, `C:\y`); !errors.Is(err, host.ErrInUse) {
		t.Errorf("got error %v", err)
	}
	release()
	must(t, m.Host().Files.Rename(t.Context(), `C:\x`, `C:\y`))
}

func TestServicesObeyTheServiceControlManager(t *testing.T) {
	m := memhost.New()
	services := m.Host().Services
	m.WriteFile(`C:\x.exe`, "x")
	config := state.ServiceConfig{CommandLine: `"C:\x.exe"`, Start: state.StartManual}
	must(t, m.Install(t.Context(), "a", config))
	config.DependsOn = []string{"A"}
	must(t, m.Install(t.Context(), "b", config))
	if err := services.Stop(t.Context(), "a"); err == nil {
		t.Error("it stops under another one")
	}
	if err := services.Delete(t.Context(), "b"); err == nil {
		t.Error("it is deleted while it runs")
	}
	if err := services.Create(t.Context(), "B", config); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it twice: %v", err)
	}
	must(t, services.Stop(t.Context(), "b"), services.Stop(t.Context(), "a"), services.Start(t.Context(), "b"))
	if !m.Running("a") {
		t.Error("what it depends on was not started")
	}
	config.Start, config.DependsOn = state.StartDisabled, nil
	must(t, services.Stop(t.Context(), "b"), services.Configure(t.Context(), "b", config))
	for name, err := range map[string]error{
		"starting a disabled one": services.Start(t.Context(), "b"),
		"starting none":           services.Start(t.Context(), "c"),
		"stopping none":           services.Stop(t.Context(), "c"),
		"configuring none":        services.Configure(t.Context(), "c", config),
		"deleting none":           services.Delete(t.Context(), "c"),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestAFullDiskTakesWhatFits(t *testing.T) {
	m := memhost.New()
	m.Fill(3)
	file, err := m.Host().Files.Create(t.Context(), `C:\a`, false)
	must(t, err)
	if n, err := file.Write([]byte("12345")); n != 3 || !errors.Is(err, host.ErrDiskFull) {
		t.Errorf("wrote %d, error %v", n, err)
	}
}

func TestAServiceThatWasStartedAgainIsAnotherProcess(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\a.exe`, "MZ")
	must(t, m.Install(t.Context(), "a", state.ServiceConfig{CommandLine: `"C:\a.exe" --v=2`, Start: state.StartAutomatic}))
	numbers := map[int]bool{}
	for _, again := range []func(){
		func() {},
		m.Reboot,
		func() {
			services := m.Host().Services
			must(t, services.Stop(t.Context(), "a"))
			if _, runs := m.Process("a"); runs {
				t.Error("it runs though it was stopped")
			}
			must(t, services.Start(t.Context(), "a"))
		},
	} {
		again()
		process, runs := m.Process("A")
		if !runs || process.CommandLine != `"C:\a.exe" --v=2` || numbers[process.Number] {
			t.Errorf("it is %+v, running %t, after %v", process, runs, numbers)
		}
		numbers[process.Number] = true
	}
}
