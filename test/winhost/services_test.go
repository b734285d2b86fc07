package winhost_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/winhost"
)

// States of a service, and a start type, as Windows numbers them.
const (
	stopped = 1
	running = 4
	manual  = 3
)

// starts are the files that a service has left, one for each of its starts.
func starts(t *testing.T, host *winhost.Host, service string) []map[string]any {
	t.Helper()
	folder, err := host.Path(`C:\probe\` + service)
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]any
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var one map[string]any
		if err := json.Unmarshal(content, &one); err != nil {
			t.Fatal(err)
		}
		all = append(all, one)
	}
	return all
}

func stateOf(t *testing.T, host *winhost.Host, service string) int {
	t.Helper()
	return ask[int](t, host, "state", service)
}

func waitForState(t *testing.T, host *winhost.Host, service string, state int) {
	t.Helper()
	eventually(t, service+" is in its new state", func() bool { return stateOf(t, host, service) == state })
}

func TestAServiceHasTheConfigurationThatItWasGiven(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "first", ",", ",")
	ask[any](t, host, "install", "second", "first,sshd", ",")
	want := map[string]any{
		"dependencies": []any{"first", "sshd"}, "description": "A probe", "startType": float64(manual),
		"actions": []any{map[string]any{"Type": 1.0, "Delay": 1e8}, map[string]any{"Type": 0.0, "Delay": 0.0}},
		"reset":   3600.0, "always": true,
	}
	if diff := cmp.Diff(want, ask[map[string]any](t, host, "config", "second")); diff != "" {
		t.Errorf("configuration (-want +got):\n%s", diff)
	}
	values, _, err := host.RegistryOnDisk(`HKLM\System\CurrentControlSet\Services\sshd`)
	if err != nil || values["Start"] != uint32(2) {
		t.Errorf("sshd is not there: %v, %v", values, err)
	}
}

func TestServicesStartAfterWhatTheyDependOnAndStopBefore(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "first", ",", ",")
	ask[any](t, host, "install", "second", "first", ",")
	ask[any](t, host, "install", "third", "second", ",")
	ask[any](t, host, "install", "alone", "nobody", ",")

	ask[any](t, host, "start", "third")
	for _, service := range []string{"first", "second", "third"} {
		waitForState(t, host, service, running)
	}
	if got := refused(t, host, "stop", "first"); !strings.Contains(strings.ToLower(got), "depend") {
		t.Errorf("stopping what others need: %q", got)
	}
	if got := ask[[]string](t, host, "dependents", "first"); !slices.Equal(got, []string{"third", "second"}) {
		t.Errorf("dependents are %v", got)
	}
	for _, service := range []string{"third", "second", "first"} {
		ask[any](t, host, "stop", service)
		waitForState(t, host, service, stopped)
	}
	if got := refused(t, host, "start", "alone"); !strings.Contains(strings.ToLower(got), "depend") {
		t.Errorf("starting what depends on nobody: %q", got)
	}
}

func TestAServiceGetsItsEnvironmentAndKnowsThatItIsOne(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "flavored", ",", "FLAVOR=vanilla,OTHER=x")
	ask[any](t, host, "start", "flavored")
	waitForState(t, host, "flavored", running)
	want := []map[string]any{{"service": true, "elevated": true, "FLAVOR": "vanilla"}}
	if diff := cmp.Diff(want, starts(t, host, "flavored")); diff != "" {
		t.Errorf("the service (-want +got):\n%s", diff)
	}
	session := map[string]any{"service": false, "elevated": true, "FLAVOR": ""}
	if diff := cmp.Diff(session, ask[map[string]any](t, host, "process")); diff != "" {
		t.Errorf("a session (-want +got):\n%s", diff)
	}
}

func TestAServiceThatCrashesIsStartedAgainAsItsRecoveryActionsSay(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "fragile", ",", ",")
	ask[any](t, host, "start", "fragile")
	waitForState(t, host, "fragile", running)
	_, err := host.Exec(testContext(t), probeProgram+" crash fragile") // The service has no time to answer.
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it was started again", func() bool { return len(starts(t, host, "fragile")) == 2 })
	waitForState(t, host, "fragile", running)

	// The second action is to do nothing.
	if _, err := host.Exec(testContext(t), probeProgram+" crash fragile"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second failure was noticed", func() bool {
		logs, err := host.Logs()
		return err == nil && strings.Contains(logs["anchor"], "failure 2, action 0")
	})
	if got := starts(t, host, "fragile"); len(got) != 2 {
		t.Errorf("started %d times", len(got))
	}
}

func TestADeletedServiceStaysMarkedUntilItStops(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "doomed", ",", ",")
	ask[any](t, host, "start", "doomed")
	waitForState(t, host, "doomed", running)
	ask[any](t, host, "delete", "doomed")
	if got := refused(t, host, "install", "doomed", ",", ","); !strings.Contains(got, "marked for delet") {
		t.Errorf("installing it again: %q", got)
	}
	ask[any](t, host, "stop", "doomed")
	eventually(t, "it is gone", func() bool {
		result, err := host.Exec(testContext(t), probeProgram+" install doomed , ,")
		return err == nil && result.ExitCode == 0
	})
}

func TestAnAutomaticServiceStartsWithTheHost(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	ask[any](t, host, "install", "early", ",", ",")
	output(t, host, `reg add HKLM\System\CurrentControlSet\Services\early /v Start /t REG_DWORD /d 2 /f`)
	if err := host.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it was started", func() bool { return len(starts(t, host, "early")) == 1 })
}
