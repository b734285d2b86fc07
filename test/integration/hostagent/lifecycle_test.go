package hostagent

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/test/winhost"
)

// apply brings contents and applies; the host has to be as desired afterwards.
func (h host) apply(n node) {
	h.t.Helper()
	h.bring(n)
	started := time.Now()
	result := h.expect(protocol.OutcomeDone, protocol.CommandApply, n.desired)
	h.t.Logf("%d actions took %s", result.Done, time.Since(started).Round(time.Millisecond))
	started = time.Now()
	if again := h.expect(protocol.OutcomeDone, protocol.CommandPlan, n.desired); len(again.Plan.Actions) > 0 {
		h.t.Errorf("a second plan is not empty:%s", actions(again.Plan))
	}
	h.t.Logf("a pass without a change took %s", time.Since(started).Round(time.Millisecond))
}

func (h host) status(service string) state.ServiceStatus {
	h.t.Helper()
	facts := h.expect(protocol.OutcomeDone, protocol.CommandFacts, nil).Facts
	for _, summary := range facts.Services {
		if summary.Name == service {
			return summary.Status
		}
	}
	return ""
}

// snapshot is what remove has to restore: the files, and what the registry has of settings.
func (h host) snapshot() map[string]string {
	h.t.Helper()
	all := map[string]string{}
	for _, key := range []string{
		`HKLM\System\CurrentControlSet\Control\Session Manager\Environment`, `HKLM\Software\Mullion`,
		`HKLM\Software\Microsoft\SystemCertificates\MullionRoot\Certificates`, `HKLM\System\CurrentControlSet\Services\kubelet`,
		`HKLM\System\CurrentControlSet\Services\containerd`, `HKLM\System\CurrentControlSet\Services\SharedAccess`,
		`HKLM\System\CurrentControlSet\Services\EventLog\Application\mullion-agent`,
	} {
		stdout, _, code, err := h.run(`reg query "`+key+`"`, nil)
		if err != nil {
			h.t.Fatal(err)
		}
		if all[key] = ""; code == 0 { // A store without certificates may have a key for them.
			all[key] = strings.TrimSpace(stdout)
		}
	}
	drive, err := h.Path(`C:\`)
	if err != nil {
		h.t.Fatal(err)
	}
	err = filepath.WalkDir(drive, func(path string, entry fs.DirEntry, err error) error {
		name := strings.ToLower(strings.TrimPrefix(path, drive))
		switch {
		case err != nil || slices.Contains([]string{"/probe", "/programdata/winhost", "/users", "/windows/temp", "/windows/mullion"}, name):
			return errOrSkip(entry, err)
		case entry.Type().IsRegular():
			content, err := os.ReadFile(path)
			all[name] = state.Digest(content)
			return err
		default:
			all[name] = entry.Type().String()
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

func errOrSkip(entry fs.DirEntry, err error) error {
	if err == nil && entry.IsDir() {
		return fs.SkipDir
	}
	return err
}

func TestABareHostBecomesANodeAndIsGivenBack(t *testing.T) {
	h := start(t, winhost.Options{})
	h.write(hostsFile, []byte("127.0.0.1 localhost\r\n"))
	if _, _, code, err := h.run(`reg add "HKLM\System\CurrentControlSet\Control\Session Manager\Environment" /v NO_PROXY /d corp.example.com`, nil); err != nil || code != 0 {
		t.Fatal(code, err)
	}
	before := h.snapshot()
	first := newNode(t, "v1")

	missing := h.expect(protocol.OutcomeContentMissing, protocol.CommandApply, first.desired)
	if len(missing.Plan.Missing) != 1 || missing.Done != 0 {
		t.Errorf("missing are %v, done were %d", missing.Plan.Missing, missing.Done)
	}
	h.apply(first)
	for _, service := range []string{"kubelet", "containerd"} {
		if got := h.status(service); got != state.ServiceRunning {
			t.Errorf("service %s is %s", service, got)
		}
	}
	if content, err := h.ReadFile(hostsFile); err != nil || string(content) != "127.0.0.1 localhost\r\n192.0.2.1 registry.v1\r\n" {
		t.Errorf("hosts has %q, error %v", content, err)
	}
	if err := h.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the services have started with the host", func() bool {
		return h.ask(protocol.CommandVerify, nil).Outcome == protocol.OutcomeDone
	})

	second := newNode(t, "v2")
	second.desired.Certificates = first.desired.Certificates
	h.apply(second)
	if content, err := h.ReadFile(hostsFile); err != nil || strings.Contains(string(content), "v1") {
		t.Errorf("hosts has %q, error %v", content, err)
	}
	h.apply(node{first.desired, first.contents})

	result := h.expect(protocol.OutcomeDone, protocol.CommandRemove, nil)
	t.Logf("removing took %d actions", result.Done)
	h.same(before)
}

// same expects the host to be as before.
func (h host) same(before map[string]string) {
	h.t.Helper()
	if diff := cmp.Diff(before, h.snapshot()); diff != "" {
		h.t.Errorf("the host is not as before (-before +after):\n%s", diff)
	}
}

func TestNothingSecretIsInAnyOutput(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	h.bring(n)
	for _, command := range []protocol.Command{protocol.CommandPlan, protocol.CommandApply, protocol.CommandPlan, protocol.CommandRemove} {
		desired := n.desired
		if command == protocol.CommandRemove {
			desired = nil
		}
		request, err := state.Encode(protocol.Request{Schema: state.Schema, Command: command, Desired: desired})
		if err != nil {
			t.Fatal(err)
		}
		stdout, stderr, _, err := h.run(agentProgram+" "+string(command), request)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("%s shows it: %s%s", command, stdout, stderr)
		}
	}
}

func TestAServiceThatDoesNotStartIsToldWithTheEndOfItsLog(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	n.desired.Services = n.desired.Services[1:]
	n.desired.Services[0].Log = `C:\var\log\containerd.log`
	h.write(`C:\var\log\containerd.log`, []byte("first line\nno such plugin, with "+secret+"v1\n"))
	h.write(`C:\probe\containerd`, []byte("a file where the service wants a directory"))
	h.bring(n)
	result := h.expect(protocol.OutcomeFailed, protocol.CommandApply, n.desired)
	if !strings.Contains(result.Error, "no such plugin") || strings.Contains(result.Error, secret) {
		t.Errorf("got %q", result.Error)
	}
	if want := (state.ID{Kind: state.KindService, Name: "containerd"}); result.Failed == nil || *result.Failed != want {
		t.Errorf("what failed is %v", result.Failed)
	}
	path, err := h.Path(`C:\probe\containerd`)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	h.apply(n)
}

func TestADigestIsFoundOnTheHost(t *testing.T) {
	h := start(t, winhost.Options{})
	program, err := agent()
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.Repeat([]byte("kubelet "), 1<<20)
	path := store.New(nil, store.DefaultRoot).ContentPath(state.Digest(content) + ".0123456789abcdef.part")
	h.write(path.String(), content)
	h.write(`C:\ProgramData\mullion\desired.json`, content)
	for file, want := range map[winpath.Path]protocol.Result{
		path:                                  {Outcome: protocol.OutcomeDone, SHA256: state.Digest(content)},
		agentProgram:                          {Outcome: protocol.OutcomeDone, SHA256: state.Digest(program)},
		`C:\ProgramData\mullion\desired.json`: {Outcome: protocol.OutcomeInvalid},
	} {
		request := mustEncode(t, protocol.Request{Schema: state.Schema, Command: protocol.CommandDigest, Path: file})
		stdout, stderr, _, err := h.run(agentProgram+" digest", request)
		if err != nil {
			t.Fatal(err, stderr)
		}
		if got := resultOf(t, stdout); got.Outcome != want.Outcome || got.SHA256 != want.SHA256 {
			t.Errorf("%s: got %+v", file, got)
		}
	}
}

func TestTheCommandsOfPeople(t *testing.T) {
	h := start(t, winhost.Options{})
	tests := map[string]struct {
		line     string
		code     int
		contains string
	}{
		"facts need no request":            {"facts", protocol.ExitDone, `"build":"10.0.20348"`},
		"nor does removing nothing":        {"remove", protocol.ExitDone, `"outcome":"Done"`},
		"there is nothing to verify":       {"verify", protocol.ExitFailed, "reading what was applied last"},
		"a plan needs one":                 {"plan", protocol.ExitInvalid, "needs a desired state"},
		"the version is shown":             {"version", protocol.ExitDone, "windows/amd64"},
		"help is shown":                    {"help", protocol.ExitDone, "support-bundle"},
		"a command that there is not":      {"frobnicate", protocol.ExitInvalid, "frobnicate"},
		"no command":                       {"", protocol.ExitInvalid, "there is no command"},
		"nobody is a service by a command": {"serve", protocol.ExitFailed, "not a service"},
		"an interval that is too short":    {"serve --interval 1ms", protocol.ExitInvalid, "--interval"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code, err := h.run(agentProgram+" "+tt.line, nil)
			if err != nil || code != tt.code || !strings.Contains(stdout+stderr, tt.contains) {
				t.Errorf("exit code %d, error %v:\n%s%s", code, err, stdout, stderr)
			}
		})
	}
	if _, _, code, err := h.run(agentProgram+" facts", bytes.Repeat([]byte("x"), 100)); err != nil || code != protocol.ExitInvalid {
		t.Errorf("nonsense: exit code %d, error %v", code, err)
	}
}
