package programs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func digest(content string) string { return state.Digest([]byte(content)) }

// version puts a version of the agent on a host and returns its directory.
func version(m *memhost.Machine, content string) winpath.Path {
	m.WriteFile(programs.Path(digest(content)), content)
	return programs.Directory(digest(content))
}

func there(m *memhost.Machine, path winpath.Path) bool {
	for name := range m.Snapshot() {
		if name == "path "+path.String() || strings.HasPrefix(name, "path "+path.String()+`\`) {
			return true
		}
	}
	return false
}

func TestOnlyWhatIsAVersionIsOne(t *testing.T) {
	m := memhost.New()
	running, other := version(m, "new"), version(m, "old")
	m.WriteFile(programs.Root.Join("somebody's", "notes.txt"), "x")
	m.WriteFile(programs.Root.Join("0123456789ABCDEF", programs.Name), "x")
	m.WriteFile(programs.Root.Join("0123456789abcde"), "a file")
	m.WriteFile(programs.Root.Join("0123456789abcde0"), "a file")
	m.Link(programs.Root.Join("0123456789abcde1"))
	for sentence, test := range map[string]struct {
		program winpath.Path
		want    []winpath.Path
	}{
		"another one than that which runs": {running.Join(programs.Name), []winpath.Path{other}},
		"whatever case it is called in":    {winpath.Path(strings.ToUpper(running.Join(programs.Name).String())), []winpath.Path{other}},
		"to one that has a directory":      {programs.Root.Join(programs.Name), nil},
		"to a version":                     {`C:\Program Files\mullion\mullion-agent.exe`, nil},
		"if it is known what runs":         {"", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := programs.Others(t.Context(), m.Host().Files, test.program)
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("error %v, (-want +got):\n%s", err, diff)
			}
		})
	}
	if none, err := programs.Others(t.Context(), memhost.New().Host().Files, running.Join(programs.Name)); len(none) > 0 || err != nil {
		t.Errorf("without a directory: %v, error %v", none, err)
	}
}

func TestAFormerVersionIsRemovedOnlyIfAllOfItIsOurs(t *testing.T) {
	part := programs.Name + "." + digest("old")[:16] + ".part"
	for sentence, test := range map[string]struct {
		change    func(m *memhost.Machine, version winpath.Path)
		abandoned bool
		stays     bool
	}{
		"as it was brought": {change: func(*memhost.Machine, winpath.Path) {}},
		"with what an interrupted upload has left": {change: func(m *memhost.Machine, version winpath.Path) {
			m.WriteFile(version.Join(part), "o")
		}},
		"when somebody was interrupted who removed it": {change: func(m *memhost.Machine, version winpath.Path) {
			m.RemoveFile(version.Join(programs.Name))
		}},
		"but not with somebody else's file": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.WriteFile(version.Join("notes.txt"), "x")
		}},
		"but not with a directory": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.WriteFile(version.Join("logs", "x"), "x")
		}},
		"but not with a link": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.RemoveFile(version.Join(programs.Name))
			m.Link(version.Join(programs.Name))
		}},
		"but not with another program than its name says": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.WriteFile(version.Join(programs.Name), "something else")
		}},
		"but not with the part of another program": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.WriteFile(version.Join(programs.Name+".0123456789abcdef.part"), "x")
		}},
		"but not while it runs": {stays: true, abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.Hold(version.Join(programs.Name))
		}},
		"but not while it is on its way": {stays: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.RemoveFile(version.Join(programs.Name))
			m.WriteFile(version.Join(part), "o")
		}},
		"unless nobody is to come any more": {abandoned: true, change: func(m *memhost.Machine, version winpath.Path) {
			m.RemoveFile(version.Join(programs.Name))
			m.WriteFile(version.Join(part), "o")
		}},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := memhost.New()
			version := version(m, "old")
			test.change(m, version)
			before := m.Snapshot()
			if err := programs.Remove(t.Context(), m.Host().Files, version, test.abandoned); err != nil {
				t.Fatal(err)
			}
			if there(m, version) != test.stays {
				t.Errorf("it is there: %t", !test.stays)
			}
			if diff := cmp.Diff(before, m.Snapshot()); test.stays && diff != "" {
				t.Errorf("something of it is gone (-before +after):\n%s", diff)
			}
		})
	}
}

func TestAHostThatFailsIsAnError(t *testing.T) {
	for _, operation := range []string{"List", "Open", "Remove"} {
		m := memhost.New()
		old := version(m, "old")
		broken := errors.New("the disk is broken")
		m.Fail(func(did, _ string) error {
			if did == operation {
				return broken
			}
			return nil
		})
		if err := programs.Remove(t.Context(), m.Host().Files, old, false); !errors.Is(err, broken) {
			t.Errorf("%s: got %v", operation, err)
		}
		_, err := programs.Others(t.Context(), m.Host().Files, programs.Path(digest("new")))
		if errors.Is(err, broken) != (operation == "List") {
			t.Errorf("%s: got %v", operation, err)
		}
	}
}
