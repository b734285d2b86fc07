package app

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// platform is that of a machine in memory.
func platform(m *memhost.Machine) Platform {
	return Platform{
		Open:              func(string) (host.Host, error) { return m.Host(), nil },
		RunService:        func(string, func(context.Context, string) error) error { return errors.New("not a service") },
		OpenEventLog:      func(string) (EventLog, error) { return &events{}, nil },
		RemoveEventSource: func(string) error { return nil },
	}
}

// events is an event log.
type events struct{ written []string }

func (e *events) Info(text string) error    { return e.write("info: " + text) }
func (e *events) Warning(text string) error { return e.write("warning: " + text) }
func (e *events) Error(text string) error   { return e.write("error: " + text) }
func (e *events) Close() error              { return nil }
func (e *events) write(text string) error {
	e.written = append(e.written, text)
	return nil
}

const managed winpath.Path = `C:\k\managed.txt`

func desired(content string) *state.Desired {
	return &state.Desired{Schema: state.Schema, Owner: "a test", Files: []state.File{{Path: managed, Inline: &content}}}
}

// run runs a command with a request, unless that is nil, and returns the output and the exit code.
func run(t *testing.T, m *memhost.Machine, request *protocol.Request, args ...string) (string, int) {
	t.Helper()
	var in []byte
	if request != nil {
		request.Schema = state.Schema
		var err error
		if in, err = state.Encode(request); err != nil {
			t.Fatal(err)
		}
	}
	var out, errs bytes.Buffer
	code := Run(t.Context(), args, Streams{In: bytes.NewReader(in), Out: &out, Err: &errs}, platform(m))
	return out.String() + errs.String(), code
}

func mustApply(t *testing.T, m *memhost.Machine, content string) {
	t.Helper()
	out, code := run(t, m, &protocol.Request{Command: protocol.CommandApply, Desired: desired(content)}, "apply")
	if code != protocol.ExitDone {
		t.Fatalf("exit code %d: %s", code, out)
	}
}

func TestAnApplyTellsProgressAndThenTheResult(t *testing.T) {
	m := memhost.New()
	out, code := run(t, m, &protocol.Request{Command: protocol.CommandApply, Desired: desired("x")}, "apply")
	lines := strings.Split(strings.TrimSpace(out), "\n")
	for i, line := range lines {
		message, err := protocol.DecodeMessage([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		if last := i == len(lines)-1; (message.Result != nil) != last {
			t.Errorf("line %d of %d: %s", i+1, len(lines), line)
		}
	}
	if content, _ := m.ReadFile(managed); content != "x" || code != protocol.ExitDone {
		t.Errorf("the file has %q, the exit code is %d", content, code)
	}
	if out, code := run(t, m, nil, "verify"); code != protocol.ExitDone {
		t.Errorf("verify: exit code %d: %s", code, out)
	}
}

func TestRequestsThatDoNotFitTheCommandAreInvalid(t *testing.T) {
	tests := map[string]struct {
		request *protocol.Request
		args    []string
		want    string
	}{
		"another command":        {&protocol.Request{Command: protocol.CommandRemove}, []string{"facts"}, "the request is to"},
		"a plan without desired": {nil, []string{"plan"}, "needs a desired state"},
		"arguments":              {nil, []string{"facts", "--now"}, "takes no arguments"},
		"no command":             {nil, nil, "there is no command"},
		"an unknown command":     {nil, []string{"frobnicate"}, "frobnicate"},
		"an unknown option":      {nil, []string{"serve", "--frobnicate"}, "frobnicate"},
		"no file":                {nil, []string{"support-bundle"}, "path of a file"},
		"a path of Unix":         {nil, []string{"support-bundle", "/tmp/x"}, "/tmp/x"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			out, code := run(t, memhost.New(), tt.request, tt.args...)
			if code != protocol.ExitInvalid || !strings.Contains(out, tt.want) {
				t.Errorf("exit code %d: %s", code, out)
			}
		})
	}
}

func TestWithoutAHostThereIsAResultAllTheSame(t *testing.T) {
	var out bytes.Buffer
	broken := platform(memhost.New())
	broken.Open = func(string) (host.Host, error) { return host.Host{}, errors.ErrUnsupported }
	code := Run(t.Context(), []string{"facts"}, Streams{In: strings.NewReader(""), Out: &out, Err: io.Discard}, broken)
	message, err := protocol.DecodeMessage(bytes.TrimSpace(out.Bytes()))
	if code != protocol.ExitFailed || err != nil || message.Result.Outcome != protocol.OutcomeFailed {
		t.Errorf("exit code %d, error %v: %s", code, err, out.String())
	}
}

func TestRemoveAlsoTakesWhatTheServiceHasLeft(t *testing.T) {
	m := memhost.New()
	before := m.Snapshot()
	mustApply(t, m, "x")
	k := keeperOn(m)
	status, _ := k.pass(t.Context())
	if err := writeStatus(t.Context(), k.applier.Host.Files, k.applier.Store, status); err != nil {
		t.Fatal(err)
	}
	out, code := run(t, m, nil, "remove")
	if code != protocol.ExitDone || !strings.HasPrefix(lastOf(out), `{"result"`) {
		t.Errorf("exit code %d: %s", code, out)
	}
	after := m.Snapshot()
	for name := range after {
		if _, there := before[name]; !there {
			t.Errorf("left: %s", name)
		}
	}
}

func lastOf(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func TestWhoeverDoesNotReadDoesNotStopTheWork(t *testing.T) {
	reader, writer := io.Pipe() // Nobody reads from it until everything is written.
	w := newPatientWriter(writer)
	for range 1000 {
		if _, err := w.Write([]byte("a line\n")); err != nil {
			t.Fatal(err)
		}
	}
	read := make(chan int)
	go func() {
		content, _ := io.ReadAll(reader)
		read <- len(content)
	}()
	w.close()
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if got := <-read; got != 7000 {
		t.Errorf("%d bytes arrived", got)
	}
}

func TestABundleIsNotWrittenOverAFile(t *testing.T) {
	m := memhost.New()
	m.WriteFile(`C:\bundle.zip`, "something")
	out, code := run(t, m, nil, "support-bundle", `C:\bundle.zip`)
	if content, _ := m.ReadFile(`C:\bundle.zip`); code != protocol.ExitFailed || content != "something" {
		t.Errorf("exit code %d, the file has %q: %s", code, content, out)
	}
	if _, code := run(t, m, nil, "support-bundle", `C:\other.zip`); code != protocol.ExitDone {
		t.Errorf("a new file: exit code %d", code)
	}
	if _, err := m.Host().Files.Stat(t.Context(), `C:\other.zip`); errors.Is(err, fs.ErrNotExist) {
		t.Error("there is no bundle")
	}
}
