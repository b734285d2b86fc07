package hostagent

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/cmd/hostagent/app"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/test/winhost"
)

const statusFile = `C:\ProgramData\mullion\status.json`

// withAgent adds the agent as a service that looks every second. Programs of two versions differ in their last bytes.
func withAgent(t *testing.T, n node, version string) node {
	t.Helper()
	program, err := agent()
	if err != nil {
		t.Fatal(err)
	}
	program = append(append([]byte(nil), program...), version...)
	const path winpath.Path = `C:\Program Files\mullion\mullion-agent.exe`
	n.contents = append(n.contents, program)
	n.desired.Files = append(n.desired.Files, state.File{Path: path, SHA256: state.Digest(program), Size: int64(len(program))})
	n.desired.Services = append(n.desired.Services, state.Service{
		Name: "mullion-agent", Program: path, Arguments: []string{"serve", "--interval", "1s"},
		Recovery: state.Recovery{RestartAfterSeconds: []int{1}, ResetAfterSeconds: 60, OnError: true},
	})
	return n
}

func (h host) serviceStatus() (status app.Status) {
	content, err := h.ReadFile(statusFile)
	if err == nil {
		err = json.Unmarshal(content, &status)
	}
	if err != nil {
		return app.Status{}
	}
	return status
}

func TestTheServiceRepairsWhatDrifts(t *testing.T) {
	h := start(t, winhost.Options{})
	before := h.snapshot()
	n := withAgent(t, newNode(t, "v1"), "first")
	h.apply(n)
	eventually(t, "it has looked", func() bool { return h.serviceStatus().Outcome == protocol.OutcomeDone })

	h.write(`C:\k\kubelet.json`, []byte(`{"version": "tampered"}`))
	if _, _, code, err := h.run(`reg delete "HKLM\Software\Mullion\Node" /v Version /f`, nil); err != nil || code != 0 {
		t.Fatal(code, err)
	}
	broken := time.Now()
	eventually(t, "it is repaired", func() bool {
		content, err := h.ReadFile(`C:\k\kubelet.json`)
		if err != nil || strings.Contains(string(content), "tampered") {
			return false
		}
		out, _, code, err := h.run(`reg query HKLM\Software\Mullion\Node /v Version`, nil)
		return err == nil && code == 0 && strings.Contains(out, "v1")
	})
	t.Logf("repaired after %s", time.Since(broken).Round(time.Millisecond))
	eventually(t, "the host is as desired", func() bool {
		return h.ask(protocol.CommandVerify, nil).Outcome == protocol.OutcomeDone
	})

	h.expectSoon(protocol.OutcomeDone, protocol.CommandRemove, nil)
	h.same(before)
}

func TestTheServiceRepairsAProgramThatNobodyElseHas(t *testing.T) {
	h := start(t, winhost.Options{})
	n := withAgent(t, newNode(t, "v1"), "first")
	h.apply(n)
	const program = `C:\k\versions\v1\kubelet.exe`
	whole, err := h.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	path, err := h.Path(program)
	if err != nil {
		t.Fatal(err)
	}
	for sentence, damage := range map[string]func() error{
		"deleted": func() error { return os.Remove(path) },
		// Not in its place: Windows lets nobody write to a program that runs, and Linux does.
		"damaged": func() error {
			return errors.Join(os.Remove(path), os.WriteFile(path, bytes.Repeat([]byte{0}, len(whole)), 0o755))
		},
	} {
		if err := damage(); err != nil {
			t.Fatal(err)
		}
		broken := time.Now()
		eventually(t, "what was "+sentence+" is repaired", func() bool {
			content, err := h.ReadFile(program)
			return err == nil && bytes.Equal(content, whole)
		})
		t.Logf("%s: repaired after %s", sentence, time.Since(broken).Round(time.Millisecond))
		eventually(t, "the host is as desired", func() bool {
			return h.ask(protocol.CommandVerify, nil).Outcome == protocol.OutcomeDone
		})
	}
}

// upgrade is the same node with another version of the agent.
func upgrade(t *testing.T, version string) (first, second node) {
	t.Helper()
	base := newNode(t, "v1")
	first, second = base, base
	desired := *base.desired
	second.desired = &desired
	return withAgent(t, first, "first"), withAgent(t, second, version)
}

// runsNew expects the new agent to run, and to have left nothing of the old one.
func (h host) runsNew() {
	h.t.Helper()
	replaced := time.Now()
	eventually(h.t, "the new one has looked", func() bool {
		status := h.serviceStatus()
		return status.Time.After(replaced) && status.Outcome == protocol.OutcomeDone
	})
	eventually(h.t, "nothing of the old one is left", func() bool {
		out, _, _, err := h.run(`dir /b "C:\Program Files\mullion"`, nil)
		return err == nil && strings.TrimSpace(out) == "mullion-agent.exe"
	})
	if got := h.status("mullion-agent"); got != state.ServiceRunning {
		h.t.Errorf("the service is %s", got)
	}
	h.expect(protocol.OutcomeDone, protocol.CommandVerify, nil)
}

func TestTheAgentIsReplacedWhileItRuns(t *testing.T) {
	h := start(t, winhost.Options{})
	first, second := upgrade(t, "second")
	h.apply(first)
	h.bring(second)
	h.expectSoon(protocol.OutcomeDone, protocol.CommandApply, second.desired)
	h.runsNew()
}

func TestTheServiceFinishesItsOwnUpgrade(t *testing.T) {
	h := start(t, winhost.Options{})
	first, second := upgrade(t, "second")
	h.apply(first)
	h.bring(second)
	// As an apply leaves it that is killed when it has noted what is desired. The service does the rest, and ends to be
	// started again with the new program.
	h.write(`C:\ProgramData\mullion\desired.json`, mustEncode(t, second.desired))
	eventually(t, "the new program is in place", func() bool {
		content, err := h.ReadFile(`C:\Program Files\mullion\mullion-agent.exe`)
		return err == nil && bytes.HasSuffix(content, []byte("second"))
	})
	h.runsNew()
}

func TestWindowsStartsTheServiceIfItWasReplacedAndStoppedAndNobodyDoes(t *testing.T) {
	h := start(t, winhost.Options{})
	first, second := upgrade(t, "second")
	for i := range first.desired.Services {
		if first.desired.Services[i].RunsAgent() {
			first.desired.Services[i].Arguments = []string{"serve", "--interval", "1h"} // It does not look in between.
		}
	}
	h.apply(first)
	eventually(t, "it has looked", func() bool { return h.serviceStatus().Outcome == protocol.OutcomeDone })
	path, err := h.Path(`C:\Program Files\mullion\mullion-agent.exe`)
	if err != nil {
		t.Fatal(err)
	}
	// As an apply leaves it that is killed between stop and start.
	if err := errors.Join(os.Remove(path), os.WriteFile(path, second.contents[len(second.contents)-1], 0o755)); err != nil {
		t.Fatal(err)
	}
	stopped := time.Now()
	if _, stderr, code, err := h.run(`C:\k\containerd.exe stop mullion-agent`, nil); err != nil || code != 0 {
		t.Fatal(code, err, stderr)
	}
	eventually(t, "it runs again and has looked", func() bool { return h.serviceStatus().Time.After(stopped) })
	t.Logf("after %s", time.Since(stopped).Round(time.Millisecond))
}

func TestTheServiceStopsAtOnce(t *testing.T) {
	h := start(t, winhost.Options{})
	h.apply(withAgent(t, newNode(t, "v1"), "first"))
	started := time.Now()
	if _, stderr, code, err := h.run(`C:\k\containerd.exe stop mullion-agent`, nil); err != nil || code != 0 {
		t.Fatal(code, err, stderr)
	}
	eventually(t, "it has stopped", func() bool { return h.status("mullion-agent") == state.ServiceStopped })
	t.Logf("stopped after %s", time.Since(started).Round(time.Millisecond))
}

func TestASupportBundleHasWhatHelpsAndNoSecret(t *testing.T) {
	h := start(t, winhost.Options{})
	n := newNode(t, "v1")
	n.desired.Services[1].Log = `C:\var\log\containerd.log`
	h.write(`C:\var\log\containerd.log`, []byte("started with "+secret+"v1\n"))
	h.write(`C:\k\secret\bootstrap.conf`, []byte("token: "+secret+" of somebody before us"))
	h.apply(n)
	stdout, stderr, code, err := h.run(agentProgram+` support-bundle C:\bundle.zip`, nil)
	if err != nil || code != 0 {
		t.Fatal(code, err, stdout, stderr)
	}
	content, err := h.ReadFile(`C:\bundle.zip`)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("it has %d bytes", len(content))
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range archive.File {
		opened, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(opened)
		if err != nil {
			t.Fatal(err)
		}
		found[file.Name] = string(text)
		if strings.Contains(string(text), secret) {
			t.Errorf("%s shows a secret: %s", file.Name, text)
		}
	}
	for name, contains := range map[string]string{
		"facts.json": "10.0.20348", "plan.json": "mullion.dev/host/v1", "manifest.json": "service/kubelet",
		"logs/containerd.log": "started with (secret)",
	} {
		if !strings.Contains(found[name], contains) {
			t.Errorf("%s has %q", name, found[name])
		}
	}
	if _, _, code, err := h.run(agentProgram+` support-bundle C:\bundle.zip`, nil); err != nil || code != protocol.ExitFailed {
		t.Errorf("a file that is there: exit code %d, error %v", code, err)
	}
}
