package hostagent

import (
	"errors"
	"io/fs"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/test/winhost"
)

// brought puts a program where versions of the agent are.
func (h host) brought(program []byte) winpath.Path {
	h.t.Helper()
	path := programs.Path(state.Digest(program))
	h.write(path.String(), program)
	return path
}

// asVersion runs the agent that was brought to a path, and returns which of others are there afterwards.
func (h host) asVersion(agent winpath.Path, request protocol.Request, others map[string]winpath.Path) []string {
	h.t.Helper()
	request.Schema = state.Schema
	stdout, stderr, _, err := h.run(agent.String()+" "+string(request.Command), mustEncode(h.t, request))
	if err != nil {
		h.t.Fatal(err, stderr)
	}
	if result := resultOf(h.t, stdout); result.Outcome != protocol.OutcomeDone {
		h.t.Fatalf("%s: %s: %s%s", request.Command, result.Outcome, result.Error, actions(result.Plan))
	}
	var left []string
	for name, path := range others {
		content, err := h.ReadFile(path.String())
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			h.t.Fatal(err)
		}
		if len(content) > 0 {
			left = append(left, name)
		}
	}
	slices.Sort(left)
	return left
}

func TestFormerVersionsOfTheAgentGoAndThoseThatRunStay(t *testing.T) {
	h := start(t, winhost.Options{})
	program, err := agent()
	if err != nil {
		t.Fatal(err)
	}
	service, err := probe()
	if err != nil {
		t.Fatal(err)
	}
	version := func(program []byte, name string) winpath.Path {
		return h.brought(append(slices.Clone(program), name...))
	}
	applies := h.brought(program)
	others := map[string]winpath.Path{
		"former": version(program, "former"), "of the service": version(program, "of the service"), "runs": version(service, "runs"),
	}
	// A service of which the agent does not know: that it runs is all that there is to see.
	for _, line := range []string{" install monitor , ,", " start monitor"} {
		if _, stderr, code, err := h.run(others["runs"].String()+line, nil); err != nil || code != 0 {
			t.Fatal(code, stderr, err)
		}
	}
	apply := protocol.Request{Command: protocol.CommandApply, Desired: &state.Desired{
		Schema: state.Schema, Owner: "a test", Services: []state.Service{{
			Name: "mullion-agent", Program: others["of the service"], Arguments: []string{"serve", "--interval", "1h"},
			Recovery: state.Recovery{RestartAfterSeconds: []int{1}, OnError: true},
		}},
	}}
	if diff := cmp.Diff([]string{"of the service", "runs"}, h.asVersion(applies, apply, others)); diff != "" {
		t.Errorf("after apply (-want +got):\n%s", diff)
	}
	apply.Desired.Services[0].Program = applies
	if diff := cmp.Diff([]string{"runs"}, h.asVersion(applies, apply, others)); diff != "" {
		t.Errorf("after the service was switched (-want +got):\n%s", diff)
	}
	others["former"] = version(program, "former")
	if _, stderr, code, err := h.run(others["runs"].String()+" stop monitor", nil); err != nil || code != 0 {
		t.Fatal(code, stderr, err)
	}
	eventually(t, "the process has ended", func() bool {
		return len(h.asVersion(applies, protocol.Request{Command: protocol.CommandRemove}, others)) == 0
	})
	if _, err := h.ReadFile(applies.String()); err != nil {
		t.Errorf("the one that removes is gone, too: %v", err)
	}
}
