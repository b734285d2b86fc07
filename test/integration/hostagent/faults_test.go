package hostagent

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/test/winhost"
)

// cut starts an apply and does something at the moment when it is about to do its nth action, or when it has ended before.
// It returns how many actions were begun. What it does can disconnect.
func (h host) cut(n int, desired *state.Desired, do func(disconnect func())) int {
	h.t.Helper()
	request, err := state.Encode(protocol.Request{Schema: state.Schema, Command: protocol.CommandApply, Desired: desired})
	if err != nil {
		h.t.Fatal(err)
	}
	client, err := h.Dial(testContext(h.t))
	if err != nil {
		h.t.Fatal(err)
	}
	defer client.Close()
	session, err := client.NewSession()
	if err != nil {
		h.t.Fatal(err)
	}
	session.Stdin = strings.NewReader(string(request))
	watch := &watcher{at: int64(n), reached: make(chan struct{})}
	session.Stdout = watch
	if err := session.Start(agentProgram + " apply"); err != nil {
		h.t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = session.Wait() // However it ends.
		close(ended)
	}()
	select {
	case <-watch.reached:
	case <-ended:
	case <-time.After(patience):
		h.t.Fatal("apply hangs")
	}
	do(func() { _ = client.Close() })
	return int(watch.begun.Load())
}

// kill kills the process that applies with a signal of Linux: a command on the host to do so would come seconds late. It
// may have ended before.
func (h host) kill() {
	h.t.Helper()
	server := processes(func(line string) bool { return strings.Contains(line, h.IP()) })
	if len(server) == 0 {
		h.t.Fatal("the host has no SSH server")
	}
	space := namespaceOf(server[0])
	for _, id := range processes(func(line string) bool { return strings.HasPrefix(line, agentProgram+"\x00apply") }) {
		if namespaceOf(id) != space {
			continue // Of another host.
		}
		if err := syscall.Kill(id, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			h.t.Fatal(err)
		}
	}
}

// processes are those of this machine whose command line, its arguments ended by zeros, is wanted.
func processes(wanted func(line string) bool) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // The pattern is right.
	var ids []int
	for _, file := range files {
		line, err := os.ReadFile(file)
		id, parsing := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && parsing == nil && wanted(string(line)) {
			ids = append(ids, id)
		}
	}
	return ids
}

func namespaceOf(id int) string {
	link, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", id))
	if err != nil {
		return "ended"
	}
	return link
}

// watcher counts the actions that begin.
type watcher struct {
	at      int64
	begun   atomic.Int64 // Read while the session may still be writing.
	text    strings.Builder
	reached chan struct{}
}

func (w *watcher) Write(data []byte) (int, error) {
	w.text.Write(data)
	begun := int64(strings.Count(w.text.String(), `"number":`) - strings.Count(w.text.String(), `"done":true`))
	before := w.begun.Load()
	w.begun.Store(max(before, begun))
	if before < w.at && begun >= w.at {
		close(w.reached)
	}
	return len(data), nil
}

func TestWhoeverIsKilledWhileApplyingGoesOnFromThere(t *testing.T) {
	h := start(t, winhost.Options{})
	before := h.snapshot()
	n := newNode(t, "v1")
	for _, at := range []int{1, 9, 14, 19, 22} {
		h.bring(n)
		begun := h.cut(at, n.desired, func(func()) { h.kill() })
		t.Logf("killed at action %d", begun)
		if at%2 == 0 {
			h.expectSoon(protocol.OutcomeDone, protocol.CommandApply, n.desired)
			h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
		}
		h.expectSoon(protocol.OutcomeDone, protocol.CommandRemove, nil)
		h.same(before)
	}
}

func TestAnApplyWhoseConnectionBreaksIsFinishedByItOrByTheNextOne(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	h.bring(n)
	h.cut(9, n.desired, func(disconnect func()) { disconnect() })
	h.bring(n)
	h.expectSoon(protocol.OutcomeDone, protocol.CommandApply, n.desired)
	h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
}

// expectSoon is expect as soon as a process that was killed has let go of the lock.
func (h host) expectSoon(outcome protocol.Outcome, command protocol.Command, desired *state.Desired) {
	h.t.Helper()
	var result protocol.Result
	eventually(h.t, "nobody has the lock", func() bool {
		result = h.ask(command, desired)
		return result.Outcome != protocol.OutcomeLocked
	})
	if result.Outcome != outcome {
		h.t.Fatalf("%s: %s: %s %s", command, result.Outcome, result.Error, actions(result.Plan))
	}
}

func TestALossOfPowerWhileApplyingLeavesNothingHalfDone(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	for _, at := range []int{10, 18, 22} {
		h.bring(n)
		begun := h.cut(at, n.desired, func(func()) { h.PowerCut() })
		t.Logf("power lost at action %d", begun)
		if err := h.Boot(testContext(t)); err != nil {
			t.Fatal(err)
		}
		h.bring(n)
		h.expect(protocol.OutcomeDone, protocol.CommandApply, n.desired)
		h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
		h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
	}
}

func TestWhatIsLostWithThePowerAfterwardsIsSeenAndDoneAgain(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	saved := h.savedRegistry()
	before, err := os.ReadFile(saved)
	if err != nil {
		t.Fatal(err)
	}
	h.apply(n)
	// Windows has the registry on the disk by now, because the agent has flushed it. Wine does nothing when it is told to,
	// and so the manifest, which is a file, knows more than the host: even if Wine has saved the registry by itself meanwhile,
	// as it does twice a minute.
	h.PowerCut()
	if err := os.WriteFile(saved, before, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.Boot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	h.expect(protocol.OutcomeDrifted, protocol.CommandVerify, nil)
	h.apply(n)
	h.must(`reg add HKLM\Software\Test /v Applied /d yes`) // When that is saved, so is everything before it.
	eventually(t, "the registry is on the disk", func() bool {
		values, found, err := h.RegistryOnDisk(`HKLM\Software\Test`)
		return err == nil && found && values["Applied"] == "yes"
	})
	h.PowerCut()
	if err := h.Boot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the host is as desired", func() bool {
		return h.ask(protocol.CommandVerify, nil).Outcome == protocol.OutcomeDone
	})
}

// savedRegistry is the file of this machine in which Wine keeps what it has saved of HKLM.
func (h host) savedRegistry() string {
	h.t.Helper()
	drive, err := h.Path(`C:\`)
	if err != nil {
		h.t.Fatal(err)
	}
	return filepath.Join(filepath.Dir(drive), "system.reg")
}

func TestTwoManagersAtOnceAreToldWhoHasTheHost(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	h.bring(n)
	h.cut(1, n.desired, func(func()) {
		result := h.ask(protocol.CommandApply, n.desired)
		if result.Outcome != protocol.OutcomeLocked || !strings.Contains(result.Error, "mullion-agent apply") {
			t.Errorf("%s: %s", result.Outcome, result.Error)
		}
		h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil) // Looking is always possible.
	})
}

func TestAFullDiskIsRefusedBeforeAnythingIsDone(t *testing.T) {
	h := start(t, winhost.Options{DiskBytes: 160 << 20})
	n := newNode(t, "v1")
	h.bring(n)
	if err := h.FillDisk(1 << 20); err != nil {
		t.Fatal(err)
	}
	result := h.expect(protocol.OutcomeRefused, protocol.CommandApply, n.desired)
	if len(result.Plan.Refusals) != 1 || result.Plan.Refusals[0].Code != state.FindingDiskSpace || result.Done != 0 {
		t.Errorf("done were %d: %s", result.Done, actions(result.Plan))
	}
	if err := h.FreeDisk(); err != nil {
		t.Fatal(err)
	}
	h.expect(protocol.OutcomeDone, protocol.CommandApply, n.desired)
}

func TestAServiceThatSomebodyElseInstalledIsInTheWay(t *testing.T) {
	h := start(t, winhost.Options{})
	program, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	h.write(`C:\other\probe.exe`, program)
	if _, stderr, code, err := h.run(`C:\other\probe.exe install kubelet , ,`, nil); err != nil || code != 0 {
		t.Fatal(code, stderr, err)
	}
	n := newNode(t, "v1")
	h.bring(n)
	result := h.expect(protocol.OutcomeRefused, protocol.CommandApply, n.desired)
	if len(result.Plan.Refusals) != 1 || result.Plan.Refusals[0].Code != state.FindingForeignService {
		t.Error(actions(result.Plan))
	}
	n.desired.Services[0].TakeOver = true
	h.apply(n)
	h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
	out, _, _, err := h.run(`reg query HKLM\System\CurrentControlSet\Services\kubelet /v ImagePath`, nil)
	if err != nil || !strings.Contains(out, `C:\other\probe.exe`) {
		t.Errorf("it was not put back: %s, error %v", out, err)
	}
}

func TestAHostThatCannotBeWhatIsDesiredIsToldWithEveryReasonAndUntouched(t *testing.T) {
	h := start(t, winhost.Options{Build: "10.0.17763", ClockSkew: time.Hour})
	program, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	h.write(`C:\other\containerd.exe`, program)
	for _, line := range []string{
		`C:\other\containerd.exe install containerd , ,`,
		`reg add "HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending" /f`,
	} {
		if _, stderr, code, err := h.run(line, nil); err != nil || code != 0 {
			t.Fatal(line, code, stderr, err)
		}
	}
	port := h.portOfSSH()
	n := newNode(t, "v1")
	h.bring(n)
	n.desired.Requirements = state.Requirements{
		Builds: []string{"10.0.20348"}, Languages: []string{"de-DE"}, MaxClockSkewSeconds: 300,
	}
	n.desired.Services[0].Ports = []uint16{port}
	stdout, stderr, _, err := h.run(agentProgram+" apply", mustEncode(t, protocol.Request{
		Schema: state.Schema, Command: protocol.CommandApply, Desired: n.desired, Now: time.Now(),
	}))
	if err != nil {
		t.Fatal(err, stderr)
	}
	result := resultOf(t, stdout)
	var codes []state.FindingCode
	for _, refusal := range result.Plan.Refusals {
		codes = append(codes, refusal.Code)
	}
	slices.Sort(codes)
	want := []state.FindingCode{
		state.FindingClockSkew, state.FindingForeignService, state.FindingPortInUse,
		state.FindingRebootPending, state.FindingUnsupportedBuild, state.FindingUnsupportedLanguage,
	}
	if diff := cmp.Diff(want, codes); diff != "" || result.Outcome != protocol.OutcomeRefused || result.Done > 0 {
		t.Errorf("%s, done were %d, the reasons (-want +got):\n%s%s", result.Outcome, result.Done, diff, actions(result.Plan))
	}
	for _, path := range []string{`C:\k\kubelet.json`, `C:\ProgramData\mullion\manifest.json`} {
		if _, err := h.ReadFile(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s is there, or cannot be looked for: %v", path, err)
		}
	}
}

func TestAHostnameIsSetWithTheNextBoot(t *testing.T) {
	h := start(t, winhost.Options{Hostname: "before"})
	desired := &state.Desired{Schema: state.Schema, Owner: "a test", Hostname: "after"}
	h.expect(protocol.OutcomeRebootRequired, protocol.CommandApply, desired)
	facts := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts
	if !strings.EqualFold(facts.Hostname, "before") || !strings.EqualFold(facts.PendingHostname, "after") {
		t.Errorf("the name is %s, and %q is pending", facts.Hostname, facts.PendingHostname)
	}
	for _, command := range []protocol.Command{protocol.CommandApply, protocol.CommandVerify} {
		asked := desired
		if command == protocol.CommandVerify {
			asked = nil
		}
		if reasons := h.expect(protocol.OutcomeRebootRequired, command, asked).RebootRequired; len(reasons) != 1 || !strings.Contains(strings.ToLower(reasons[0]), "after") {
			t.Errorf("%s: the reasons are %q", command, reasons)
		}
	}
	if err := h.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if again := h.expect(protocol.OutcomeDone, protocol.CommandApply, desired); again.Done > 0 || !strings.EqualFold(again.Plan.Desired, state.Digest(mustEncode(t, desired))) {
		t.Errorf("after the boot %d actions were done: %s", again.Done, actions(again.Plan))
	}
	booted := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts
	if booted.BootID == facts.BootID || !strings.EqualFold(booted.Hostname, "after") || booted.PendingHostname != "" {
		t.Errorf("boot %s, then boot %s: the name is %s, and %q is pending", facts.BootID, booted.BootID, booted.Hostname, booted.PendingHostname)
	}
}

func mustEncode(t *testing.T, document any) []byte {
	t.Helper()
	encoded, err := state.Encode(document)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestAnHourOfClockSkewIsSeen(t *testing.T) {
	h := start(t, winhost.Options{ClockSkew: time.Hour})
	request := mustEncode(t, protocol.Request{Schema: state.Schema, Command: protocol.CommandFacts, Now: time.Now()})
	stdout, stderr, _, err := h.run(agentProgram+" facts", request)
	if err != nil {
		t.Fatal(err, stderr)
	}
	if skew := resultOf(t, stdout).Facts.ClockSkewSeconds; skew < 3500 || skew > 3700 {
		t.Errorf("the skew is %d s", skew)
	}
}
