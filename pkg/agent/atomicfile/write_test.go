package atomicfile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const path winpath.Path = `C:\x.exe`

func machine() *memhost.Machine {
	m := memhost.New()
	m.WriteFile(path, "old")
	return m
}

func TestAFileHasOldOrNewContentAtEveryMomentAndAfterAPowerCut(t *testing.T) {
	for n := 1; ; n++ {
		m := machine()
		m.CutAt(n)
		err := atomicfile.Write(t.Context(), m.Host().Files, path, strings.NewReader("new"), atomicfile.Options{})
		if !m.WasCut() {
			if content, _ := m.ReadFile(path); err != nil || content != "new" {
				t.Errorf("uncut: %q, error %v", content, err)
			}
			return
		}
		before, _ := m.ReadFile(path)
		m.LosePower()
		after, _ := m.ReadFile(path)
		if err == nil || before != "old" || after != "old" {
			t.Errorf("cut at %d: %q, then %q, error %v", n, before, after, err)
		}
	}
}

func digest(content string) *string {
	digest := state.Digest([]byte(content))
	return &digest
}

func TestOnlyTheOldContentThatIsMeantIsReplaced(t *testing.T) {
	m := machine()
	err := atomicfile.Write(t.Context(), m.Host().Files, path, strings.NewReader("new"), atomicfile.Options{Replaces: digest("old")})
	if content, _ := m.ReadFile(path); err != nil || content != "new" {
		t.Errorf("%q, error %v", content, err)
	}
	err = atomicfile.Write(t.Context(), m.Host().Files, path, strings.NewReader("newer"), atomicfile.Options{Replaces: digest("old")})
	if content, _ := m.ReadFile(path); !errors.Is(err, atomicfile.ErrChanged) || content != "new" {
		t.Errorf("%q, error %v", content, err)
	}
	options := atomicfile.Options{Replaces: new(string)}
	if err := atomicfile.Write(t.Context(), m.Host().Files, `C:\none`, strings.NewReader("first"), options); err != nil {
		t.Errorf("where nothing is: %v", err)
	}
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for sentence, test := range map[string]struct {
		ctx     context.Context //nolint:containedctx // A row of a table.
		options atomicfile.Options
		prepare func(*memhost.Machine)
	}{
		"content of another digest": {t.Context(), atomicfile.Options{SHA256: strings.Repeat("0", 64)}, nil},
		"a context that has ended":  {ended, atomicfile.Options{}, nil},
		"a full disk":               {t.Context(), atomicfile.Options{}, func(m *memhost.Machine) { m.Fill(1) }},
		"another old content than was read": {
			t.Context(), atomicfile.Options{Replaces: digest("older")}, nil,
		},
		"old content where there was none": {t.Context(), atomicfile.Options{Replaces: new(string)}, nil},
		"a file that is held":              {t.Context(), atomicfile.Options{}, func(m *memhost.Machine) { m.Hold(path) }},
		"a device that does not sync": {t.Context(), atomicfile.Options{}, func(m *memhost.Machine) {
			m.Fail(func(operation, _ string) error {
				if operation == "Sync" {
					return errors.New("the device is not ready")
				}
				return nil
			})
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := machine()
			before := m.Snapshot()
			if test.prepare != nil {
				test.prepare(m)
			}
			if err := atomicfile.Write(test.ctx, m.Host().Files, path, strings.NewReader("new"), test.options); err == nil {
				t.Error("no error")
			}
			if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRestrictedContentIsRestrictedBeforeItsFirstByte(t *testing.T) {
	for name, options := range map[string]atomicfile.Options{
		"restricted":                {Restricted: true},
		"with an access of its own": {Access: &state.AccessState{Level: state.AccessLevelAdministrators}},
	} {
		t.Run(name, func(t *testing.T) { restricted(t, options) })
	}
}

func restricted(t *testing.T, options atomicfile.Options) {
	t.Helper()
	for n := 1; ; n++ {
		m := memhost.New()
		m.CutAt(n)
		_ = atomicfile.Write(t.Context(), m.Host().Files, `C:\s`, strings.NewReader("secret"), options)
		for name, what := range m.Snapshot() {
			if strings.HasPrefix(name, `path C:\s`) && !strings.Contains(what, string(state.AccessLevelAdministrators)) {
				t.Errorf("before operation %d, %s is %s", n, name, what)
			}
		}
		if !m.WasCut() {
			return
		}
	}
}

func TestTooManyProgramsThatRunAreAnError(t *testing.T) {
	m := machine()
	makeWay := func(context.Context, state.Aside) error { return nil }
	var err error
	for n := 0; err == nil && n < 20; n++ {
		name := fmt.Sprint("s", n)
		install := m.Install(t.Context(), name, state.ServiceConfig{CommandLine: `"` + path.String() + `"`})
		if install != nil {
			t.Fatal(install)
		}
		options := atomicfile.Options{MakeWay: makeWay}
		err = atomicfile.Write(t.Context(), m.Host().Files, path, strings.NewReader(name), options)
	}
	if !errors.Is(err, host.ErrInUse) || !strings.Contains(err.Error(), "10 earlier versions") {
		t.Errorf("got error %v", err)
	}
}

func TestSweepRemovesWhatAnInterruptedWriterLeft(t *testing.T) {
	m := machine()
	before := m.Snapshot()
	m.WriteFile(atomicfile.Temporary(path), "ne")
	for range 2 {
		if err := atomicfile.Sweep(t.Context(), m.Host().Files, path); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}
