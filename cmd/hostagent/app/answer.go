package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Limits of a request. Whoever asks over SSH waits a little longer, so that it is the agent that says what took so long.
const (
	askLimit    = 100 * time.Second
	changeLimit = 28 * time.Minute
)

// answer does what a request on standard input asks for.
func answer(ctx context.Context, command protocol.Command, streams Streams, platform Platform) int {
	out := newPatientWriter(streams.Out)
	defer out.close()
	applier, err := newApplier(platform, string(command), "")
	if err != nil {
		return writeResult(out, command, protocol.OutcomeFailed, err)
	}
	applier.Program = platform.Program
	request, err := readRequest(command, streams)
	if err != nil {
		return writeResult(out, command, protocol.OutcomeInvalid, err)
	}
	limit := askLimit
	if command == protocol.CommandApply || command == protocol.CommandRemove {
		limit = changeLimit
	}
	ctx, cancel := context.WithTimeoutCause(ctx, limit, fmt.Errorf("%s took longer than %s", command, limit))
	defer cancel()
	if command == protocol.CommandRemove {
		return remove(ctx, applier, request, out, platform)
	}
	return protocol.Serve(ctx, applier, bytes.NewReader(request), out)
}

// readRequest reads a request and sees that it asks for the command. What else is wrong with it is found later.
func readRequest(command protocol.Command, streams Streams) ([]byte, error) {
	raw, err := state.ReadLimited(streams.In)
	if err != nil {
		return nil, fmt.Errorf("reading request: %w", err)
	}
	if len(bytes.TrimSpace(raw)) == 0 {
		return state.Encode(protocol.Request{Schema: state.Schema, Command: command})
	}
	var asks struct {
		Command protocol.Command `json:"command"`
	}
	// An error is left to whoever decodes the request as a whole, and can tell more.
	if err := json.Unmarshal(raw, &asks); err == nil && asks.Command != command {
		return nil, fmt.Errorf("the request is to %q, and the command is %q", asks.Command, command)
	}
	return raw, nil
}

func writeResult(out *patientWriter, command protocol.Command, outcome protocol.Outcome, err error) int {
	line, encoding := state.Encode(protocol.Message{Result: &protocol.Result{
		Schema: state.Schema, Command: command, Outcome: outcome, Error: err.Error(),
	}})
	if encoding == nil {
		_, _ = out.Write(append(line, '\n')) // It cannot go wrong.
	}
	return outcome.ExitCode()
}

// remove also takes off the host what the agent left there as a service.
func remove(ctx context.Context, applier apply.Applier, request []byte, out *patientWriter, platform Platform) int {
	var result bytes.Buffer
	last := lastLine{to: out, held: &result}
	code := protocol.Serve(ctx, applier, bytes.NewReader(request), &last)
	if code == protocol.ExitDone {
		err := errors.Join(forgetStatus(ctx, applier.Host.Files, applier.Store), platform.RemoveEventSource(serviceName))
		if err != nil {
			return writeResult(out, protocol.CommandRemove, protocol.OutcomeFailed, fmt.Errorf("removing what the service has left: %w", err))
		}
	}
	_, _ = out.Write(result.Bytes()) // It cannot go wrong.
	return code
}

// lastLine passes lines on, one behind: it keeps the last one.
type lastLine struct {
	to   *patientWriter
	held *bytes.Buffer
}

func (l *lastLine) Write(line []byte) (int, error) {
	if _, err := l.to.Write(bytes.Clone(l.held.Bytes())); err != nil {
		return 0, err
	}
	l.held.Reset()
	return l.held.Write(line)
}
