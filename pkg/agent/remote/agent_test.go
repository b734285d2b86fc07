package remote_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

func TestAHostIsConfiguredCheckedRepairedAndGivenBack(t *testing.T) {
	f := start(t, remotetest.Options{})

	result, err := f.plan(t, desired())
	outcome(t, protocol.OutcomeDrifted, result, err)
	if len(result.Plan.Missing) != 1 || result.Facts == nil {
		t.Errorf("the plan tells neither what to upload nor what the host is: %+v", result)
	}
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if !f.Machine.Running("kubelet") {
		t.Error("the service does not run")
	}
	result, err = f.verify(t)
	outcome(t, protocol.OutcomeDone, result, err)

	f.Machine.WriteFile(`C:\k\kubelet.yaml`, "port: 0\n")
	f.Machine.Crash("kubelet")
	result, err = f.verify(t)
	outcome(t, protocol.OutcomeDrifted, result, err)
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if content, _ := f.Machine.ReadFile(`C:\k\kubelet.yaml`); content != "port: 10250\n" || !f.Machine.Running("kubelet") {
		t.Errorf("drift was not repaired: %q", content)
	}

	result, err = f.remove(t, "cluster-1")
	outcome(t, protocol.OutcomeDone, result, err)
	if diff := cmp.Diff(machineBefore(), f.Machine.Snapshot()); diff != "" {
		t.Errorf("the host is not what it was before (-before +now):\n%s", diff)
	}
	for _, path := range f.drive(t) {
		if strings.Contains(path, "agent") || strings.HasPrefix(path, "C:/Windows/mullion") {
			t.Errorf("left on the host: %s", path)
		}
	}
}

func TestWhatHappensMeanwhileIsTold(t *testing.T) {
	f := start(t, remotetest.Options{})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	want := []string{
		"upload the agent", "plan", "upload " + state.Digest([]byte(big))[:16], "plan",
		`create file/C:\k\kubelet.exe`, `create file/C:\k\kubelet.yaml`, "create service/kubelet", "start service/kubelet",
	}
	got := slices.DeleteFunc(f.told(), func(word string) bool { return strings.Contains(word, "directory/") })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAHostIsToldWhatItShallBeOnlyIfItDoesNotKnow(t *testing.T) {
	var asked []string
	f := start(t, remotetest.Options{Intercept: counting(&asked)})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	other := desired()
	other.Hostname = "win-9"
	asked = nil
	result, err = f.apply(t, other)
	outcome(t, protocol.OutcomeRebootRequired, result, err)
	if want := []string{"apply", "apply"}; !slices.Equal(asked, want) {
		t.Errorf("asked for %v", asked)
	}
}

func TestAHostThatIsAsDesiredIsAskedOnce(t *testing.T) {
	var asked []string
	f := start(t, remotetest.Options{Intercept: counting(&asked)})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	asked, f.events = nil, nil
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if want := []string{"apply"}; !slices.Equal(asked, want) || len(result.Plan.Actions) > 0 {
		t.Errorf("asked for %v; the plan is %v", asked, result.Plan.Actions)
	}
	if want := []string{"plan"}; !slices.Equal(f.told(), want) {
		t.Errorf("told %v", f.told())
	}
}

func TestFactsTellWhatTheHostIs(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.SetFacts(func(facts *state.Facts) { facts.Build, facts.Hostname = "10.0.26100", "WIN-2025" })
	f.agent.Now = func() time.Time { return time.Date(2026, time.November, 2, 2, 0, 0, 0, time.UTC) }
	var facts *state.Facts
	err := f.pool.Do(t.Context(), f.Target(), func(ctx context.Context, conn *ssh.Conn) (err error) {
		facts, err = f.agent.Facts(ctx, conn)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if facts.Build != "10.0.26100" || facts.Hostname != "WIN-2025" || facts.ClockSkewSeconds != 3600 {
		t.Errorf("got %+v", facts)
	}
}

func TestFactsThatCannotBeGatheredAreAnError(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.Fail(func(operation, _ string) error {
		if operation == "Facts" {
			return context.DeadlineExceeded
		}
		return nil
	})
	err := f.pool.Do(t.Context(), f.Target(), func(ctx context.Context, conn *ssh.Conn) error {
		_, err := f.agent.Facts(ctx, conn)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "gathering facts: finding facts: context deadline exceeded") {
		t.Errorf("got %v", err)
	}
}

func TestAHostThatAnotherOneManagesIsLeftAlone(t *testing.T) {
	f := start(t, remotetest.Options{})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	before := f.Machine.Snapshot()

	result, err = f.remove(t, "cluster-2")
	outcome(t, protocol.OutcomeRefused, result, err)
	theirs := desired()
	theirs.Owner = "cluster-2"
	result, err = f.apply(t, theirs)
	outcome(t, protocol.OutcomeRefused, result, err)
	if diff := cmp.Diff(before, f.Machine.Snapshot()); diff != "" {
		t.Error(diff)
	}
	if !slices.ContainsFunc(f.drive(t), func(path string) bool { return strings.HasSuffix(path, "mullion-agent.exe") }) {
		t.Error("the agent of the one who manages the host is gone")
	}
}

func TestContentCrossesTheWireOnce(t *testing.T) {
	f := start(t, remotetest.Options{})
	var traffic ssh.Traffic
	_, err := f.ask(t, func(ctx context.Context, conn remote.Conn) (*protocol.Result, error) {
		result, err := f.agent.Apply(ctx, conn, desired())
		if connection, ok := conn.(*ssh.Conn); ok {
			traffic = connection.Traffic()
		}
		return result, err
	})
	if err != nil {
		t.Fatal(err)
	}
	const besides = 64 << 10 // Logging in, requests and answers.
	if content := int64(len(big)); traffic.Sent < content || traffic.Sent > content+besides || traffic.Received > besides {
		t.Errorf("for %d bytes of content, %d were sent and %d received", content, traffic.Sent, traffic.Received)
	}
}

func TestANewVersionOfTheAgentTakesTheFormerOneOffTheHost(t *testing.T) {
	f := start(t, remotetest.Options{})
	result, err := f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	first := f.agent.Program
	f.agent.Program = program(t, "v2")
	result, err = f.plan(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if diff := cmp.Diff([]string{f.agent.Program.Path(), first.Path()}, f.agents(t), cmpopts.SortSlices(strings.Compare)); diff != "" {
		t.Errorf("whoever only looks has changed what is there (-want +got):\n%s", diff)
	}
	result, err = f.apply(t, desired())
	outcome(t, protocol.OutcomeDone, result, err)
	if diff := cmp.Diff([]string{f.agent.Program.Path()}, f.agents(t)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWithTheHostAllVersionsOfTheAgentAreGivenBack(t *testing.T) {
	f := start(t, remotetest.Options{})
	for _, version := range []string{"v1", "v2", "v3"} {
		f.agent.Program = program(t, version)
		result, err := f.plan(t, desired())
		outcome(t, protocol.OutcomeDrifted, result, err)
	}
	if got := f.agents(t); len(got) != 3 {
		t.Fatalf("there are %v", got)
	}
	result, err := f.remove(t, "")
	outcome(t, protocol.OutcomeDone, result, err)
	if left := f.drive(t); slices.ContainsFunc(left, func(path string) bool { return strings.Contains(path, "mullion") }) {
		t.Errorf("left are %v", left)
	}
}

func TestOnlyAProgramForWindowsIsAnAgent(t *testing.T) {
	if _, err := remote.NewProgram([]byte("\x7fELF")); err == nil {
		t.Error("a program for Linux was taken")
	}
}

func TestARestartIsFinishedWhenTheHostHasANewBootID(t *testing.T) {
	f := start(t, remotetest.Options{})
	reboot := f.agent.Reboot()
	reboot.Pause = time.Millisecond
	id, err := f.pool.Reboot(t.Context(), f.Target(), reboot)
	if err != nil || id != "boot-2" {
		t.Errorf("got %q, %v", id, err)
	}
}
