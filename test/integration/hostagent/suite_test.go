// Package hostagent tests the real mullion-agent.exe, and the calls of Windows that it is made of, on Windows hosts.
package hostagent

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/winhost"
)

const (
	// patience bounds what takes seconds on a machine that has nothing else to do.
	patience     = 3 * time.Minute
	agentProgram = `C:\Windows\mullion\mullion-agent.exe`
)

// built builds a program for Windows once.
func built(pkg string) func() ([]byte, error) {
	return sync.OnceValues(func() ([]byte, error) {
		folder, err := os.MkdirTemp("", "hostagent-")
		if err != nil {
			return nil, err
		}
		defer func() { _ = os.RemoveAll(folder) }()
		executable := filepath.Join(folder, "program.exe")
		if err := winhost.BuildProgram(context.Background(), "../../..", pkg, executable); err != nil {
			return nil, err
		}
		return os.ReadFile(executable)
	})
}

var agent = built("./cmd/hostagent")

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// host is a Windows host with the agent on it.
type host struct {
	*winhost.Host
	t *testing.T
}

// start starts a host that ends with the test, or skips the test where there can be none.
func start(t *testing.T, o winhost.Options) host {
	t.Helper()
	started, err := winhost.Start(testContext(t), o)
	var unavailable *winhost.UnavailableError
	if errors.As(err, &unavailable) {
		lacking.Skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	h := host{started, t}
	t.Cleanup(func() {
		if t.Failed() {
			logs, err := started.Logs()
			t.Log(logs, err)
		}
		if err := started.Close(); err != nil {
			t.Error(err)
		}
	})
	content, err := agent()
	if err != nil {
		t.Fatal(err)
	}
	h.write(agentProgram, content)
	return h
}

func (h host) write(path string, content []byte) {
	h.t.Helper()
	if err := h.WriteFile(path, content); err != nil {
		h.t.Fatal(err)
	}
}

// run runs a program with some input and returns its output and exit code.
func (h host) run(line string, input []byte) (stdout, stderr string, code int, err error) {
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	client, err := h.Dial(ctx)
	if err != nil {
		return "", "", 0, err
	}
	defer client.Close()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	session, err := client.NewSession()
	if err != nil {
		return "", "", 0, err
	}
	var out, errs bytes.Buffer
	session.Stdin, session.Stdout, session.Stderr = bytes.NewReader(input), &out, &errs
	err = session.Run(line)
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		return out.String(), errs.String(), exit.ExitStatus(), nil
	}
	return out.String(), errs.String(), 0, err
}

// ask runs the agent with a request and returns the result, which the exit code has to agree with.
func (h host) ask(command protocol.Command, desired *state.Desired) protocol.Result {
	h.t.Helper()
	request, err := state.Encode(protocol.Request{Schema: state.Schema, Command: command, Desired: desired})
	if err != nil {
		h.t.Fatal(err)
	}
	stdout, stderr, code, err := h.run(agentProgram+" "+string(command), request)
	if err != nil {
		h.t.Fatalf("%s: %v: %s%s", command, err, stdout, stderr)
	}
	result := resultOf(h.t, stdout)
	if result.Outcome.ExitCode() != code {
		h.t.Errorf("%s: the outcome is %s and the exit code %d", command, result.Outcome, code)
	}
	return result
}

// resultOf is the last line of an output, of which the other lines are progress.
func resultOf(t *testing.T, output string) protocol.Result {
	t.Helper()
	var result *protocol.Result
	lines := bufio.NewScanner(strings.NewReader(output))
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		message, err := protocol.DecodeMessage(lines.Bytes())
		if err != nil {
			t.Fatalf("%v in %q", err, output)
		}
		if result != nil {
			t.Fatalf("a line after the result in %q", output)
		}
		result = message.Result
	}
	if result == nil {
		t.Fatalf("there is no result in %q: %v", output, lines.Err())
	}
	return *result
}

// expect asks for something that has to end in one way.
func (h host) expect(outcome protocol.Outcome, command protocol.Command, desired *state.Desired) protocol.Result {
	h.t.Helper()
	result := h.ask(command, desired)
	if result.Outcome != outcome {
		h.t.Fatalf("%s: %s instead of %s: %s %s", command, result.Outcome, outcome, result.Error, actions(result.Plan))
	}
	return result
}

func actions(plan *state.Plan) string {
	if plan == nil {
		return ""
	}
	var text strings.Builder
	for _, refusal := range plan.Refusals {
		fmt.Fprintf(&text, "\n%s", refusal.Message)
	}
	for _, action := range plan.Actions {
		fmt.Fprintf(&text, "\n%s %s: %s %v", action.Verb, action.ID, action.Reason, action.Changes)
	}
	return text.String()
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	ctx := testContext(t)
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for !condition() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("waiting until %s: %v", what, context.Cause(ctx))
		}
	}
}
