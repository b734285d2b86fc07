package apply_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
)

// configured is a host in the first version, with the contents of the second one uploaded.
func configured(t *testing.T) *memhost.Machine {
	t.Helper()
	m := adminsHost(t)
	upload(m, contents("v1")...)
	mustApply(t, m, desired("v1"))
	upload(m, contents("v2")...)
	return m
}

func tryApply(t *testing.T, m *memhost.Machine, d *state.Desired) (apply.Report, error) {
	t.Helper()
	return applier(m).Apply(t.Context(), d, apply.NoSkew)
}

func TestAServiceThatDoesNotStartShowsTheEndOfItsLogWithoutSecrets(t *testing.T) {
	m := configured(t)
	m.WriteFile(`C:\var\log\kubelet.log`, strings.Repeat("old line\n", 1000))
	m.FailStart("kubelet", `C:\var\log\kubelet.log`, "E1121 token "+token+"v2 rejected\nE1121 exiting\n")
	_, err := tryApply(t, m, desired("v2"))
	var failed *apply.ActionError
	switch {
	case !errors.As(err, &failed) || failed.Action.ID.Name != "kubelet":
		t.Fatalf("got error %v", err)
	case !strings.Contains(err.Error(), "E1121 exiting") || strings.Count(err.Error(), "\n") > 21:
		t.Errorf("the end of the log is not in it, or more than the end: %v", err)
	case strings.Contains(err.Error(), token):
		t.Errorf("there is a secret in it: %v", err)
	}
	m.Repair("kubelet")
	mustApply(t, m, desired("v2"))
	if !m.Running("kube-proxy") {
		t.Error("going on did not start what comes after")
	}
}

func TestAServiceThatEndsSoonAfterItsStartHasNotStarted(t *testing.T) {
	m := configured(t)
	a := applier(m)
	a.Host.Services = endsSoon{a.Host.Services, m}
	if _, err := a.Apply(t.Context(), desired("v2"), apply.NoSkew); err == nil || !strings.Contains(err.Error(), "stopped 2s later") {
		t.Errorf("got error %v", err)
	}
}

func TestAServiceMarkedForDeletionIsWaitedFor(t *testing.T) {
	m := configured(t)
	m.HoldService("csi-proxy", 30*time.Second)
	mustApply(t, m, desired("v2"))
}

func TestAServiceThatStaysMarkedForDeletionIsAClearError(t *testing.T) {
	m := configured(t)
	m.HoldService("csi-proxy", time.Hour)
	_, err := tryApply(t, m, desired("v2"))
	if !errors.Is(err, host.ErrMarkedForDelete) || !strings.Contains(err.Error(), "reboot the host") {
		t.Errorf("got error %v", err)
	}
	upload(m, contents("v1")...)
	if _, err := tryApply(t, m, desired("v1")); !errors.Is(err, host.ErrMarkedForDelete) {
		t.Errorf("creating it again: %v", err)
	}
	m.Reboot()
	mustApply(t, m, desired("v1"))
	if !m.Running("csi-proxy") {
		t.Error("it does not run")
	}
}

func TestAFullDiskLeavesTheOldContent(t *testing.T) {
	m := configured(t)
	before, _ := m.ReadFile(`C:\k\proxy.exe`)
	m.Fail(func(operation, target string) error {
		if operation == "Write" && strings.HasPrefix(target, `C:\k\proxy.exe`) {
			return host.ErrDiskFull
		}
		return nil
	})
	if _, err := tryApply(t, m, desired("v2")); !errors.Is(err, host.ErrDiskFull) {
		t.Errorf("got error %v", err)
	}
	after, _ := m.ReadFile(`C:\k\proxy.exe`)
	if _, left := m.ReadFile(`C:\k\proxy.exe.mullion-new`); after != before || left {
		t.Errorf("it is %q now, and something is left: %t", after, left)
	}
	m.Fail(nil)
	mustApply(t, m, desired("v2"))
}

func TestADiskThatIsFullFromTheBeginningChangesNothing(t *testing.T) {
	m := configured(t)
	before := m.Snapshot()
	m.Fill(3)
	_, err := tryApply(t, m, desired("v2"))
	if refused := (*apply.RefusedError)(nil); !errors.As(err, &refused) || refused.Findings[0].Code != state.FindingDiskSpace {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestContentOfAnotherDigestIsNotUsed(t *testing.T) {
	m := configured(t)
	upload(m, contents("v2")...)
	before := m.Snapshot(store.DefaultRoot)
	damaged := store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("kubelet v2")))
	m.WriteFile(damaged, "kubelet v2, but cut o")
	_, err := tryApply(t, m, desired("v2"))
	missing := (*apply.MissingError)(nil)
	if !errors.As(err, &missing) || len(missing.Contents) != 1 || missing.Contents[0].SHA256 != damaged.Base() {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff(before, m.Snapshot(store.DefaultRoot)); diff != "" {
		t.Errorf("something was stopped, or changed, for it:\n%s", diff)
	}
	upload(m, "kubelet v2")
	mustApply(t, m, desired("v2"))
}

func TestContentThatWasNotUploadedIsAskedFor(t *testing.T) {
	m := adminsHost(t)
	upload(m, "csi")
	_, err := tryApply(t, m, desired("v1"))
	if missing := (*apply.MissingError)(nil); !errors.As(err, &missing) || len(missing.Contents) != 3 {
		t.Errorf("got error %v", err)
	}
}

func TestTwoManagersAtOnce(t *testing.T) {
	m := configured(t)
	unlock, err := m.Host().System.Lock(t.Context(), store.New(nil, store.DefaultRoot).Lock(), "manager A (process 7)")
	if err != nil {
		t.Fatal(err)
	}
	before := m.Snapshot()
	_, err = tryApply(t, m, desired("v2"))
	if locked := (*host.LockedError)(nil); !errors.As(err, &locked) || !strings.Contains(err.Error(), "manager A (process 7)") {
		t.Errorf("got error %v", err)
	}
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
	if err := unlock(); err != nil {
		t.Fatal(err)
	}
	mustApply(t, m, desired("v2"))
}

func TestTheLockOfADeadProcessIsFree(t *testing.T) {
	m := configured(t)
	for n := 1; n < 20; n += 6 {
		m.CutAt(n)
		if _, err := tryApply(t, m, desired("v2")); !errors.Is(err, memhost.ErrCut) {
			t.Fatalf("got error %v", err)
		}
		m.Kill()
	}
	mustApply(t, m, desired("v2"))
}

// withAgent is a node in a version, with the agent itself as a service.
func withAgent(m *memhost.Machine, version string) *state.Desired {
	d := desired(version)
	d.Files = append(d.Files, binary(agentProgram, "agent "+version))
	d.Services = append(d.Services, state.Service{Name: "agent", Program: agentProgram})
	upload(m, append(contents(version), "agent "+version)...)
	return d
}

const agentProgram = `C:\k\agent.exe`

// runningAgent is a host on which the agent runs as a service, in the first version.
func runningAgent(t *testing.T) *memhost.Machine {
	t.Helper()
	m := adminsHost(t)
	mustApply(t, m, withAgent(m, "v1"))
	m.SetFacts(func(facts *state.Facts) { facts.Service = "agent" })
	return m
}

func TestTheAgentIsUpgradedWhileItRuns(t *testing.T) {
	m := runningAgent(t)
	report := mustApply(t, m, withAgent(m, "v2"))
	if content, _ := m.ReadFile(agentProgram); content != "agent v2" || !report.Restart || !m.Running("agent") {
		t.Errorf("it is %q, restart %t", content, report.Restart)
	}
	if old, _ := m.ReadFile(agentProgram + ".mullion-old0"); old != "agent v1" {
		t.Errorf("the running program is %q", old)
	}
	m.Reboot()
	mustApply(t, m, withAgent(m, "v2"))
	if _, there := m.ReadFile(agentProgram + ".mullion-old0"); there {
		t.Error("the old program is left after it has ended")
	}
}

func TestAProgramThatMadeWayComesBackIfItsSuccessorNeverCame(t *testing.T) {
	start := runningAgent(t)
	for n := 1; ; n++ {
		m := start.Clone()
		m.CutAt(n)
		_, _ = tryApply(t, m, withAgent(m, "v2"))
		if !m.WasCut() {
			t.Fatal("there is no moment without a program")
		}
		if _, there := m.ReadFile(agentProgram); !there {
			m.Kill()
			mustApply(t, m, withAgent(m, "v1"))
			if content, _ := m.ReadFile(agentProgram); content != "agent v1" {
				t.Errorf("it is %q", content)
			}
			return
		}
	}
}

func TestAForeignServiceIsRefusedAndUntouched(t *testing.T) {
	m := adminsHost(t)
	if err := m.Install(t.Context(), "containerd", state.ServiceConfig{CommandLine: `"C:\Windows\spooler.exe"`, Start: state.StartManual}); err != nil {
		t.Fatal(err)
	}
	upload(m, contents("v1")...)
	before := m.Snapshot()
	_, err := tryApply(t, m, desired("v1"))
	if refused := (*apply.RefusedError)(nil); !errors.As(err, &refused) || refused.Findings[0].Code != state.FindingForeignService {
		t.Errorf("got error %v", err)
	}
	before["path "+store.DefaultRoot.String()] = "directory administrators" // it had uploaded content in it
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestRemovalByAnotherOwnerIsRefused(t *testing.T) {
	m := configured(t)
	_, err := applier(m).Remove(t.Context(), "cluster-2")
	if refused := (*apply.RefusedError)(nil); !errors.As(err, &refused) {
		t.Errorf("got error %v", err)
	}
	if _, err := applier(m).Remove(t.Context(), "cluster-1"); err != nil {
		t.Errorf("by its owner: %v", err)
	}
}

func TestFeaturesAndAHostnameTakeABootAndAreTakenBack(t *testing.T) {
	m := adminsHost(t)
	upload(m, contents("v1")...)
	before := m.Snapshot(store.DefaultRoot)
	d := desired("v1")
	d.Hostname, d.Features = "node-1", []state.Feature{{Name: "Containers"}}
	report := mustApply(t, m, d)
	if !report.Reboot || report.Deferred == 0 || m.Running("kubelet") {
		t.Errorf("before the boot: %+v", report)
	}
	if again := mustApply(t, m, d); !again.Reboot || again.Done > 0 {
		t.Errorf("before the boot, again: reboot %t, done %d", again.Reboot, again.Done)
	}
	m.Reboot()
	if report := mustApply(t, m, d); report.Reboot || !m.Running("kubelet") {
		t.Errorf("after the boot: %+v", report)
	}
	if report := mustRemove(t, m); !report.Reboot {
		t.Error("removal needs no boot")
	}
	m.Reboot()
	if diff := cmp.Diff(before, m.Snapshot(store.DefaultRoot)); diff != "" {
		t.Error(diff)
	}
}

func TestDriftIsRepaired(t *testing.T) {
	for sentence, damage := range map[string]func(*testing.T, *memhost.Machine){
		"a file was changed":   func(_ *testing.T, m *memhost.Machine) { m.WriteFile(`C:\k\kubelet.json`, `{"a": 2}`) },
		"a file was deleted":   func(_ *testing.T, m *memhost.Machine) { m.RemoveFile(`C:\k\kubelet.json`) },
		"a line was deleted":   func(_ *testing.T, m *memhost.Machine) { m.WriteFile(hosts, "# hosts\r\n127.0.0.1 localhost\r\n") },
		"a service has ended":  func(_ *testing.T, m *memhost.Machine) { m.Crash("kube-proxy") },
		"a firewall rule went": func(t *testing.T, m *memhost.Machine) { check(t, m.Host().Firewall.DeleteRule(t.Context(), "corp")) },
		"a variable changed": func(t *testing.T, m *memhost.Machine) {
			check(t, m.Host().Environment.SetVariable(t.Context(), "CONTAINER_RUNTIME", state.EnvironmentValue{Text: "docker"}))
		},
		"a service was configured": func(t *testing.T, m *memhost.Machine) {
			check(t, m.Host().Services.Configure(t.Context(), "kube-proxy", state.ServiceConfig{CommandLine: "x"}))
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := configured(t)
			want := m.Snapshot(store.DefaultRoot)
			damage(t, m)
			if report := mustApply(t, m, desired("v1")); report.Done == 0 {
				t.Error("nothing was done")
			}
			if diff := cmp.Diff(want, m.Snapshot(store.DefaultRoot)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnyOperationThatFailsIsReportedAndGoneOnFrom(t *testing.T) {
	start := configured(t)
	whole := start.Clone()
	mustApply(t, whole, desired("v2"))
	operations := len(whole.Operations())
	for n := range operations {
		m := start.Clone()
		left := n
		broken := errors.New("the device is not ready")
		m.Fail(func(operation, _ string) error {
			if strings.HasPrefix(operation, "Close") || operation == "Stat" || operation == "Access" {
				return nil
			}
			if left--; left == -1 {
				return broken
			}
			return nil
		})
		_, err := tryApply(t, m, desired("v2"))
		if err != nil && !errors.Is(err, broken) {
			t.Fatalf("operation %d: error %v", n, err)
		}
		m.Fail(nil)
		mustApply(t, m, desired("v2"))
		if diff := cmp.Diff(whole.Snapshot(store.DefaultRoot), m.Snapshot(store.DefaultRoot)); diff != "" {
			t.Fatalf("operation %d: %s", n, diff)
		}
	}
}

func TestLinesBecomeAWholeFileAndLinesAgain(t *testing.T) {
	m := adminsHost(t)
	before := m.Snapshot()
	lines := func(lines ...string) *state.Desired {
		return &state.Desired{Schema: state.Schema, Owner: "c", Files: []state.File{{Path: hosts, Lines: lines}}}
	}
	whole := &state.Desired{Schema: state.Schema, Owner: "c", Files: []state.File{{Path: hosts, Inline: text("all ours\n")}}}
	for _, d := range []*state.Desired{lines("a", "b"), whole, lines("b", "c"), lines("127.0.0.1 localhost"), lines("d")} {
		mustApply(t, m, d)
	}
	if got, _ := m.ReadFile(hosts); got != "# hosts\r\n127.0.0.1 localhost\r\nd\r\n" {
		t.Errorf("it is %q", got)
	}
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}
