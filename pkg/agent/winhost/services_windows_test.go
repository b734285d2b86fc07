package winhost

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// beService is a service of the test program.
func beService(name string) int {
	err := RunService(name, func(ctx context.Context, _ string) error {
		<-ctx.Done()
		return nil
	})
	if err != nil {
		return 1
	}
	return 0
}

// holdService opens a service and keeps the handle.
func holdService(name string) error {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return err
	}
	text, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err
	}
	_, err = windows.OpenService(manager, text, windows.SERVICE_QUERY_STATUS)
	return err
}

// configOf has a display name of its own: Windows wants it to be unique, as the name.
func configOf(name, program string, arguments ...string) state.ServiceConfig {
	service := state.Service{Name: name, Program: winpath.Path(program), Arguments: arguments, Start: state.StartManual}
	return service.Config()
}

// create makes a service that ends with the test.
func create(t *testing.T, name string, config state.ServiceConfig) {
	t.Helper()
	if err := (services{}).Create(t.Context(), name, config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = services{}.Stop(context.Background(), name)
		_ = services{}.Delete(context.Background(), name)
	})
}

func TestAServiceIsConfiguredExactly(t *testing.T) {
	const name = "mullion-test"
	first := configOf(name, self(t), asService, name)
	create(t, "mullion-base", configOf("mullion-base", self(t), asService, "mullion-base"))
	full := state.ServiceConfig{
		DisplayName: "A test", Description: "of the agent", CommandLine: first.CommandLine + ` "with spaces"`,
		DependsOn: []string{"mullion-base"}, Start: state.StartDelayed, Account: state.LocalSystem,
		Recovery:    state.Recovery{RestartAfterSeconds: []int{5, 10}, ResetAfterSeconds: 3600, OnError: true},
		Environment: []string{"A=1", "B=with space"},
	}
	disabled := first
	disabled.Start = state.StartDisabled
	create(t, name, full)
	if err := (services{}).Create(t.Context(), name, full); !errors.Is(err, fs.ErrExist) {
		t.Errorf("creating it again: %v", err)
	}
	for i, want := range []state.ServiceConfig{full, first, full, disabled} {
		if err := (services{}).Configure(t.Context(), name, want); err != nil {
			t.Fatal(err)
		}
		got, err := services{}.Service(t.Context(), strings.ToUpper(name))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Config); diff != "" {
			t.Errorf("%d (-want +got):\n%s", i, diff)
		}
		if got.Status != state.ServiceStopped {
			t.Errorf("it is %s", got.Status)
		}
	}
}

func TestWhoIsNoServiceIsNotExist(t *testing.T) {
	const name = "mullion-nobody"
	_, observing := services{}.Service(t.Context(), name)
	for what, err := range map[string]error{
		"Service": observing, "Configure": services{}.Configure(t.Context(), name, configOf(name, self(t))),
		"Delete": services{}.Delete(t.Context(), name), "Start": services{}.Start(t.Context(), name),
		"Stop": services{}.Stop(t.Context(), name),
	} {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestStopWaitsForTheProcess(t *testing.T) {
	const name = "mullion-test"
	program := directory(t).Join("service.exe")
	copyOfSelf(t, program)
	create(t, name, configOf(name, string(program), asService, name))
	for range 3 {
		for range 2 { // Starting and stopping again is no error.
			if err := (services{}).Start(testContext(t), name); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := (services{}).Service(t.Context(), name); err != nil || got.Status != state.ServiceRunning {
			t.Errorf("it is %s, error %v", got.Status, err)
		}
		for range 2 {
			if err := (services{}).Stop(testContext(t), name); err != nil {
				t.Fatal(err)
			}
		}
		// At once, or the file would still be in use.
		if err := (files{}).Rename(t.Context(), program, program+".aside"); err != nil {
			t.Fatal(err)
		}
		copyOfSelf(t, program)
		if err := os.Remove(string(program + ".aside")); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDependentsAreToldAndHaveToStopFirst(t *testing.T) {
	create(t, "mullion-base", configOf("mullion-base", self(t), asService, "mullion-base"))
	config := configOf("mullion-top", self(t), asService, "mullion-top")
	config.DependsOn = []string{"mullion-base"}
	create(t, "mullion-top", config)
	if err := (services{}).Start(testContext(t), "mullion-top"); err != nil {
		t.Fatal(err)
	}
	base, err := services{}.Service(t.Context(), "mullion-base")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mullion-top"}, base.Dependents); diff != "" || base.Status != state.ServiceRunning {
		t.Errorf("it is %s, dependents (-want +got):\n%s", base.Status, diff)
	}
	if err := (services{}).Stop(testContext(t), "mullion-base"); !errors.Is(err, windows.ERROR_DEPENDENT_SERVICES_RUNNING) {
		t.Errorf("stopping it: %v", err)
	}
	for _, name := range []string{"mullion-top", "mullion-base"} {
		if err := (services{}).Stop(testContext(t), name); err != nil {
			t.Error(err)
		}
	}
}

func TestAServiceThatDoesNotStartIsAnErrorThatNamesIt(t *testing.T) {
	missing := configOf("mullion-missing", string(directory(t).Join("missing.exe")))
	create(t, "mullion-missing", missing)
	if err := (services{}).Start(testContext(t), "mullion-missing"); err == nil || !strings.Contains(err.Error(), "mullion-missing") {
		t.Errorf("without a program: %v", err)
	}
	create(t, "mullion-failing", configOf("mullion-failing", self(t), asFailure, "x"))
	if err := (services{}).Start(testContext(t), "mullion-failing"); err == nil || !strings.Contains(err.Error(), "mullion-failing") {
		t.Errorf("with a program that ends: %v", err)
	}
}

func TestADeletedServiceThatSomebodyHasOpenIsMarked(t *testing.T) {
	const name = "mullion-marked"
	create(t, name, configOf(name, self(t), asService, name))
	kill := other(t, self(t), asHandle, name)
	for range 2 {
		if err := (services{}).Delete(t.Context(), name); err != nil && !errors.Is(err, host.ErrMarkedForDelete) {
			t.Fatal(err)
		}
	}
	if got, err := (services{}).Service(t.Context(), name); !errors.Is(err, host.ErrMarkedForDelete) {
		t.Errorf("got %+v, error %v", got, err)
	}
	if err := (services{}).Create(t.Context(), name, configOf(name, self(t))); !errors.Is(err, host.ErrMarkedForDelete) {
		t.Errorf("creating it: %v", err)
	}
	kill()
	err := poll(testContext(t), func() (bool, error) {
		_, err := services{}.Service(t.Context(), name)
		return errors.Is(err, fs.ErrNotExist), nil
	})
	if err != nil {
		t.Error(err)
	}
}
