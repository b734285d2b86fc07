package protocol_test

import (
	"bufio"
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const secret = "hunter2-hunter2"

func desired() *state.Desired {
	content := secret
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Files: []state.File{
			{Path: `C:\k\token`, Inline: &content, Secret: true},
			{Path: `C:\k\x.exe`, SHA256: state.Digest([]byte("x")), Size: 1},
		},
		Services: []state.Service{{Name: "x", Program: `C:\k\x.exe`}},
	}
}

func serve(t *testing.T, m *memhost.Machine, request string) (int, protocol.Result, string) {
	t.Helper()
	on := m.Host()
	var out bytes.Buffer
	code := protocol.Serve(t.Context(), apply.Applier{
		Host: on, Store: store.New(on.Files, store.DefaultRoot), Holder: "a test", Limits: apply.DefaultLimits(),
	}, strings.NewReader(request), &out)
	output := out.String()
	var result *protocol.Result
	lines := bufio.NewScanner(&out)
	for lines.Scan() {
		message, err := protocol.DecodeMessage(lines.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if result != nil {
			t.Fatalf("a line after the result: %s", lines.Text())
		}
		result = message.Result
	}
	if result == nil || result.Outcome.ExitCode() != code {
		t.Fatalf("exit code %d, and the result is %+v", code, result)
	}
	if strings.Contains(output, secret) {
		t.Errorf("there is a secret in the output:\n%s", output)
	}
	return code, *result, output
}

func request(t *testing.T, r protocol.Request) string {
	t.Helper()
	r.Schema = state.Schema
	encoded, err := state.Encode(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(encoded)
}

func TestAHostFromFactsToRemoval(t *testing.T) {
	m := memhost.New()
	before := m.Snapshot()
	content := store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("x")))
	for _, step := range []struct {
		what    string
		before  func()
		command protocol.Command
		desired *state.Desired
		want    int
	}{
		{"facts", nil, protocol.CommandFacts, nil, protocol.ExitDone},
		{"the plan of a bare host", nil, protocol.CommandPlan, desired(), protocol.ExitDrifted},
		{"without its content", nil, protocol.CommandApply, desired(), protocol.ExitContentMissing},
		{"with it", func() { m.WriteFile(content, "x") }, protocol.CommandApply, desired(), protocol.ExitDone},
		{"verified", nil, protocol.CommandVerify, desired(), protocol.ExitDone},
		{"verified with what was applied last", nil, protocol.CommandVerify, nil, protocol.ExitDone},
		{"after a service has ended", func() { m.Crash("x") }, protocol.CommandVerify, nil, protocol.ExitDrifted},
		{"repaired", nil, protocol.CommandApply, desired(), protocol.ExitDone},
		{"removed", nil, protocol.CommandRemove, nil, protocol.ExitDone},
		{"nothing is saved any more", nil, protocol.CommandVerify, nil, protocol.ExitFailed},
	} {
		if step.before != nil {
			step.before()
		}
		code, result, output := serve(t, m, request(t, protocol.Request{Command: step.command, Desired: step.desired}))
		if code != step.want || result.Command != step.command {
			t.Errorf("%s: exit code %d, want %d:\n%s", step.what, code, step.want, output)
		}
	}
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Errorf("the host has changed:\n%s", diff)
	}
}

func TestAPassWithoutChangesIsShort(t *testing.T) {
	m := memhost.New()
	m.WriteFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("x"))), "x")
	ask := request(t, protocol.Request{Command: protocol.CommandApply, Desired: desired()})
	serve(t, m, ask)
	if _, _, output := serve(t, m, ask); len(output) > 1000 {
		t.Errorf("it takes %d bytes:\n%s", len(output), output)
	}
}

func TestWhatWasAppliedLastIsAppliedByItsDigest(t *testing.T) {
	m := memhost.New()
	m.WriteFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("x"))), "x")
	digest, err := state.DesiredDigest(desired())
	if err != nil {
		t.Fatal(err)
	}
	bySaved := request(t, protocol.Request{Command: protocol.CommandApply, Saved: digest})
	if code, result, _ := serve(t, m, bySaved); code != protocol.ExitNotSaved || result.Error == "" {
		t.Errorf("before anything was applied: exit code %d, %q", code, result.Error)
	}
	serve(t, m, request(t, protocol.Request{Command: protocol.CommandApply, Desired: desired()}))
	m.Crash("x")
	if code, _, output := serve(t, m, bySaved); code != protocol.ExitDone || !m.Running("x") {
		t.Errorf("exit code %d:\n%s", code, output)
	}
	other := request(t, protocol.Request{Command: protocol.CommandApply, Saved: state.Digest([]byte("another"))})
	if code, result, _ := serve(t, m, other); code != protocol.ExitNotSaved || !strings.Contains(result.Error, digest) {
		t.Errorf("by another digest: exit code %d, %q", code, result.Error)
	}
}

func TestAClockAnHourOffIsRefused(t *testing.T) {
	d := desired()
	d.Requirements.MaxClockSkewSeconds = 300
	m := memhost.New()
	facts, err := m.Host().System.Facts(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ask := protocol.Request{Command: protocol.CommandPlan, Desired: d, Now: facts.Time.Add(-time.Hour)}
	code, result, _ := serve(t, m, request(t, ask))
	if code != protocol.ExitRefused || !strings.Contains(result.Plan.Refusals[0].Message, "3600 seconds ahead") {
		t.Errorf("exit code %d, %+v", code, result)
	}
	ask.Command = protocol.CommandApply
	if code, _, _ := serve(t, m, request(t, ask)); code != protocol.ExitRefused {
		t.Errorf("apply: exit code %d", code)
	}
}

func TestADigestIsFoundOfWhatWasBroughtAndOfNothingElse(t *testing.T) {
	const content = "a program"
	at := store.New(nil, store.DefaultRoot)
	for sentence, test := range map[string]struct {
		path winpath.Path
		want protocol.Outcome
	}{
		"content":                          {at.ContentPath(state.Digest([]byte(content))), protocol.OutcomeDone},
		"content on its way":               {at.ContentPath("x.0123456789abcdef.part"), protocol.OutcomeDone},
		"a version of the agent":           {programs.Path(state.Digest([]byte(content))), protocol.OutcomeDone},
		"what is not there":                {at.ContentPath("y"), protocol.OutcomeFailed},
		"a directory":                      {programs.Root.Join("directory"), protocol.OutcomeFailed},
		"a link":                           {at.ContentPath("link"), protocol.OutcomeFailed},
		"the saved desired state":          {store.DefaultRoot.Join("desired.json"), protocol.OutcomeInvalid},
		"an original":                      {store.DefaultRoot.Join("backup", "x"), protocol.OutcomeInvalid},
		"where content is":                 {store.DefaultRoot.Join("content"), protocol.OutcomeInvalid},
		"somebody else's file":             {`C:\Windows\System32\config\SAM`, protocol.OutcomeInvalid},
		"a directory that is called alike": {`C:\Windows\mullion2\x`, protocol.OutcomeInvalid},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			for _, path := range []winpath.Path{
				at.ContentPath(state.Digest([]byte(content))), at.ContentPath("x.0123456789abcdef.part"),
				programs.Path(state.Digest([]byte(content))), programs.Root.Join("directory", "x"),
				store.DefaultRoot.Join("desired.json"), store.DefaultRoot.Join("backup", "x"),
				`C:\Windows\System32\config\SAM`, `C:\Windows\mullion2\x`,
			} {
				m.WriteFile(path, content)
			}
			m.Link(at.ContentPath("link"))
			_, result, _ := serve(t, m, request(t, protocol.Request{Command: protocol.CommandDigest, Path: test.path}))
			if result.Outcome != test.want || (result.SHA256 == state.Digest([]byte(content))) != (test.want == protocol.OutcomeDone) {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestWhatWaitsForARebootIsToldByEveryCommand(t *testing.T) {
	m := memhost.New()
	desired := &state.Desired{Schema: state.Schema, Owner: "c", Hostname: "node-1"}
	apply := protocol.Request{Command: protocol.CommandApply, Desired: desired}
	want := []string{"The host is called node-1 from the next boot on."}
	if code, result, _ := serve(t, m, request(t, apply)); code != protocol.ExitRebootRequired || len(result.RebootRequired) != 1 {
		t.Errorf("at first: exit code %d, %+v", code, result)
	}
	for _, ask := range []protocol.Request{
		apply, {Command: protocol.CommandVerify}, {Command: protocol.CommandPlan, Desired: desired},
	} {
		code, result, _ := serve(t, m, request(t, ask))
		if diff := cmp.Diff(want, result.RebootRequired); diff != "" || code != protocol.ExitRebootRequired {
			t.Errorf("%s: exit code %d, (-want +got):\n%s", ask.Command, code, diff)
		}
	}
	desired.Variables = []state.Variable{{Name: "EDITOR", Entries: []string{"vim"}}}
	code, result, _ := serve(t, m, request(t, protocol.Request{Command: protocol.CommandPlan, Desired: desired}))
	if diff := cmp.Diff(want, result.RebootRequired); diff != "" || code != protocol.ExitDrifted {
		t.Errorf("with something to do: exit code %d, (-want +got):\n%s", code, diff)
	}
	m.Reboot()
	if code, result, _ := serve(t, m, request(t, protocol.Request{Command: protocol.CommandVerify})); code != protocol.ExitDone || len(result.RebootRequired) > 0 {
		t.Errorf("after the boot: exit code %d, %+v", code, result)
	}
}

func TestOtherOutcomes(t *testing.T) {
	for sentence, test := range map[string]struct {
		prepare func(*testing.T, *memhost.Machine)
		request protocol.Request
		want    protocol.Outcome
	}{
		"another manager has the lock": {func(t *testing.T, m *memhost.Machine) {
			m.WriteFile(store.DefaultRoot.Join("theirs"), "The directory of a lock is there.")
			if _, err := m.Host().System.Lock(t.Context(), store.New(nil, store.DefaultRoot).Lock(), "another"); err != nil {
				t.Fatal(err)
			}
		}, protocol.Request{Command: protocol.CommandRemove}, protocol.OutcomeLocked},
		"a feature needs a boot": {func(*testing.T, *memhost.Machine) {}, protocol.Request{
			Command: protocol.CommandApply,
			Desired: &state.Desired{Schema: state.Schema, Owner: "c", Features: []state.Feature{{Name: "Containers"}}},
		}, protocol.OutcomeRebootRequired},
		"the host cannot be observed": {func(_ *testing.T, m *memhost.Machine) {
			m.Fail(func(operation, _ string) error {
				if operation == "Facts" {
					return errors.New("WMI does not answer")
				}
				return nil
			})
		}, protocol.Request{Command: protocol.CommandFacts}, protocol.OutcomeFailed},
		"an action fails": {func(_ *testing.T, m *memhost.Machine) {
			m.Fail(func(operation, _ string) error {
				if operation == "EnableFeature" {
					return errors.New("DISM says no")
				}
				return nil
			})
		}, protocol.Request{
			Command: protocol.CommandApply,
			Desired: &state.Desired{Schema: state.Schema, Owner: "c", Features: []state.Feature{{Name: "Containers"}}},
		}, protocol.OutcomeFailed},
		"resources in a circle": {func(*testing.T, *memhost.Machine) {}, protocol.Request{
			Command: protocol.CommandPlan,
			Desired: &state.Desired{Schema: state.Schema, Owner: "c", Services: []state.Service{
				{Name: "a", Program: `C:\a.exe`, DependsOn: []string{"b"}}, {Name: "b", Program: `C:\b.exe`, DependsOn: []string{"a"}},
			}},
		}, protocol.OutcomeFailed},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			test.prepare(t, m)
			_, result, _ := serve(t, m, request(t, test.request))
			if result.Outcome != test.want || result.Error == "" && test.want != protocol.OutcomeRebootRequired {
				t.Errorf("got %+v", result)
			}
		})
	}
}

func TestRequestsThatMakeNoSense(t *testing.T) {
	for sentence, raw := range map[string]string{
		"no JSON":                     `apply`,
		"nothing":                     ``,
		"an unknown command":          `{"schema":"mullion.dev/host/v1","command":"format"}`,
		"another schema":              `{"schema":"mullion.dev/host/v9","command":"facts"}`,
		"an unknown field":            `{"schema":"mullion.dev/host/v1","command":"facts","force":true}`,
		"apply without a state":       `{"schema":"mullion.dev/host/v1","command":"apply"}`,
		"facts with one":              `{"schema":"mullion.dev/host/v1","command":"facts","desired":{"schema":"mullion.dev/host/v1","owner":"c"}}`,
		"a state that is invalid":     `{"schema":"mullion.dev/host/v1","command":"plan","desired":{"schema":"mullion.dev/host/v1","owner":""}}`,
		"an owner where none belongs": `{"schema":"mullion.dev/host/v1","command":"facts","owner":"c"}`,
		"a path where none belongs":   `{"schema":"mullion.dev/host/v1","command":"facts","path":"C:\\x"}`,
		"a digest of nothing":         `{"schema":"mullion.dev/host/v1","command":"digest"}`,
		"a digest with a state":       `{"schema":"mullion.dev/host/v1","command":"digest","path":"C:\\x","desired":{"schema":"mullion.dev/host/v1","owner":"c"}}`,
		"a path that goes back":       `{"schema":"mullion.dev/host/v1","command":"digest","path":"C:\\ProgramData\\mullion\\content\\..\\desired.json"}`,
		"two requests":                `{"schema":"mullion.dev/host/v1","command":"facts"}{}`,
		"more than it may be":         strings.Repeat(" ", state.MaxDocument+1),
	} {
		t.Run(sentence, func(t *testing.T) {
			if code, result, _ := serve(t, memhost.New(), raw); code != protocol.ExitInvalid || result.Error == "" {
				t.Errorf("exit code %d, %+v", code, result)
			}
		})
	}
}

func TestLinesOfOutputAreDecodedStrictly(t *testing.T) {
	for sentence, line := range map[string]string{
		"neither progress nor a result": `{}`,
		"both":                          `{"progress":{},"result":{"schema":"mullion.dev/host/v1","outcome":"Done"}}`,
		"another schema":                `{"result":{"schema":"x","outcome":"Done"}}`,
		"an unknown field":              `{"progress":{"percent":3}}`,
		"a shell's greeting":            `Microsoft Windows [Version 10.0.20348.2762]`,
	} {
		t.Run(sentence, func(t *testing.T) {
			if _, err := protocol.DecodeMessage([]byte(line)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestAManagerThatHasGoneDoesNotStopWhatWasBegun(t *testing.T) {
	m := memhost.New()
	m.WriteFile(store.New(nil, store.DefaultRoot).ContentPath(state.Digest([]byte("x"))), "x")
	on := m.Host()
	code := protocol.Serve(t.Context(), apply.Applier{
		Host: on, Store: store.New(on.Files, store.DefaultRoot), Limits: apply.DefaultLimits(),
	}, strings.NewReader(request(t, protocol.Request{Command: protocol.CommandApply, Desired: desired()})), broken{})
	if code != protocol.ExitDone || !m.Running("x") {
		t.Errorf("exit code %d", code)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("the pipe is broken") }

func TestExitCodesAreDifferent(t *testing.T) {
	seen := map[int]protocol.Outcome{}
	for _, outcome := range []protocol.Outcome{
		protocol.OutcomeDone, protocol.OutcomeDrifted, protocol.OutcomeRebootRequired, protocol.OutcomeRefused,
		protocol.OutcomeContentMissing, protocol.OutcomeNotSaved, protocol.OutcomeLocked, protocol.OutcomeInvalid, protocol.OutcomeFailed,
	} {
		if other, taken := seen[outcome.ExitCode()]; taken {
			t.Errorf("%s and %s are both %d", outcome, other, outcome.ExitCode())
		}
		seen[outcome.ExitCode()] = outcome
	}
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add([]byte(`{"schema":"mullion.dev/host/v1","command":"plan","desired":{"schema":"mullion.dev/host/v1","owner":"c"},"now":"2026-11-21T00:00:00Z"}`))
	f.Add([]byte(`{"schema":"mullion.dev/host/v1","command":"remove","owner":"c"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		decoded, err := protocol.DecodeRequest(raw)
		if err != nil {
			return
		}
		encoded, err := state.Encode(decoded)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := protocol.DecodeRequest(encoded); err != nil {
			t.Errorf("what was decoded does not decode again: %v\n%s", err, encoded)
		}
	})
}

func FuzzDecodeMessage(f *testing.F) {
	f.Add([]byte(`{"result":{"schema":"mullion.dev/host/v1","outcome":"Done"}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		if message, err := protocol.DecodeMessage(raw); err == nil && (message.Progress == nil) == (message.Result == nil) {
			t.Errorf("%q is neither or both", raw)
		}
	})
}
