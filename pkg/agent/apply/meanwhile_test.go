package apply_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// meanwhile is a file system on which somebody does something once, right before the agent creates or removes a file, or
// appends to one.
type meanwhile struct {
	host.FileSystem
	path winpath.Path
	edit func()
	once *sync.Once
}

func (m meanwhile) at(path winpath.Path) {
	if path == m.path {
		m.once.Do(m.edit)
	}
}

func (m meanwhile) Create(ctx context.Context, path winpath.Path, restricted bool) (host.File, error) {
	m.at(path)
	return m.FileSystem.Create(ctx, path, restricted)
}

func (m meanwhile) Append(ctx context.Context, path winpath.Path) (host.File, error) {
	m.at(path)
	return m.FileSystem.Append(ctx, path)
}

// disturbed is an applier that somebody comes between, at that path.
func disturbed(m *memhost.Machine, path winpath.Path, edit func()) *apply.Applier {
	a := applier(m)
	a.Host.Files = meanwhile{FileSystem: a.Host.Files, path: path, edit: edit, once: new(sync.Once)}
	a.Store = store.New(a.Host.Files, store.DefaultRoot)
	return a
}

const late = "10.0.0.9 added-while-we-wrote\r\n"

func TestWhatSomebodyWritesWhileWeDoIsNotLost(t *testing.T) {
	whole := &state.Desired{Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: lmhosts, Inline: text("all ours\r\n")}}}
	for name, test := range map[string]struct {
		before  string
		applied *state.Desired
		apply   *state.Desired // Nil is a removal.
		left    string         // After a removal.
	}{
		"a line is added to a file of theirs":        {"# theirs\r\n", nil, lines("10.0.0.1 ours"), "# theirs\r\n" + late},
		"a file is made":                             {"", nil, lines("10.0.0.1 ours"), late},
		"a line is added to a file with one of ours": {"", lines("10.0.0.1 ours"), lines("10.0.0.2 ours"), late},
		"a file of theirs is replaced":               {"# theirs\r\n", nil, whole, "# theirs\r\n" + late},
		"a file with lines of ours is replaced":      {"# theirs\r\n", lines("10.0.0.1 ours"), whole, "# theirs\r\n" + late},
		"lines are taken out of a file":              {"# theirs\r\n", lines("10.0.0.1 ours"), nil, "# theirs\r\n" + late},
	} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			if test.before != "" {
				m.WriteFile(lmhosts, test.before)
			}
			if test.applied != nil {
				mustApply(t, m, test.applied)
			}
			a := disturbed(m, atomicfile.Temporary(lmhosts), func() {
				is, _ := m.ReadFile(lmhosts)
				m.WriteFile(lmhosts, is+late)
			})
			var err error
			if test.apply != nil {
				_, err = a.Apply(t.Context(), test.apply, apply.NoSkew)
			} else {
				_, err = a.Remove(t.Context(), "")
			}
			if !errors.Is(err, atomicfile.ErrChanged) {
				t.Errorf("got error %v", err)
			}
			if got, _ := m.ReadFile(lmhosts); !strings.Contains(got, late) {
				t.Errorf("it is %q", got)
			}
			if test.apply != nil {
				mustApply(t, m, test.apply)
			}
			mustRemove(t, m)
			if got, _ := m.ReadFile(lmhosts); got != test.left {
				t.Errorf("left is %q, want %q", got, test.left)
			}
		})
	}
}

func TestAFileThatCannotHaveLinesAnyMoreIsNotWritten(t *testing.T) {
	for name, becomes := range map[string]string{
		"it has grown beyond what is read": strings.Repeat("# a line of somebody else\r\n", observe.MaxContent/20),
		"it was saved as UTF-16":           "\xff\xfe#\x00\r\x00\n\x00",
	} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			m.WriteFile(lmhosts, "# theirs\r\n")
			a := disturbed(m, store.DefaultRoot.Join("journal"), func() { m.WriteFile(lmhosts, becomes) }) // After the plan was made.
			if _, err := a.Apply(t.Context(), lines("10.0.0.1 ours"), apply.NoSkew); err == nil {
				t.Error("there is no error")
			}
			if got, _ := m.ReadFile(lmhosts); got != becomes {
				t.Errorf("of %d bytes are left %d", len(becomes), len(got))
			}
		})
	}
}

func TestWhatHasBecomeALinkIsNotReplaced(t *testing.T) {
	for name, desired := range map[string]*state.Desired{
		"lines": lines("10.0.0.1 ours"),
		"a file": {
			Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: lmhosts, Inline: text("all ours\r\n")}},
		},
		"a directory": {
			Schema: state.Schema, Owner: "cluster-1",
			Directories: []state.Directory{{Path: lmhosts, Access: state.AccessAdministrators}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			a := disturbed(m, store.DefaultRoot.Join("journal"), func() { m.Link(lmhosts) })
			if _, err := a.Apply(t.Context(), desired, apply.NoSkew); err == nil || !strings.Contains(err.Error(), "it is a link by now") {
				t.Errorf("got error %v", err)
			}
			want := memhost.New()
			want.Link(lmhosts)
			is := "path " + lmhosts.String()
			if diff := cmp.Diff(want.Snapshot()[is], m.Snapshot()[is]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestWhatOthersWroteBesideOurLinesOutlivesThatAllBecomesOurs(t *testing.T) {
	const theirs = "10.0.0.9 theirs\r\n"
	whole := &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Files:     []state.File{{Path: lmhosts, Inline: text("all ours\r\n")}},
		Variables: []state.Variable{{Name: "MADE", Value: text("ours")}, {Name: "NO_PROXY", Value: text("ours")}},
	}
	some := lines("10.0.0.1 ours")
	some.Variables = []state.Variable{
		{Name: "MADE", Entries: []string{"ours"}, Separator: ","}, {Name: "NO_PROXY", Entries: []string{".svc"}, Separator: ","},
	}
	m := adminsHost(t)
	mustApply(t, m, some)
	is, _ := m.ReadFile(lmhosts)
	m.WriteFile(lmhosts, is+theirs)
	for name, value := range map[string]string{"MADE": "ours,theirs", "NO_PROXY": "localhost,.corp,.svc,.lab"} {
		check(t, m.Host().Environment.SetVariable(t.Context(), name, state.EnvironmentValue{Text: value}))
	}
	mustApply(t, m, whole)
	mustRemove(t, m)
	after := m.Snapshot()
	if got, _ := m.ReadFile(lmhosts); got != theirs {
		t.Errorf("left of the file is %q", got)
	}
	if after["variable MADE"] != "theirs expand=false" || after["variable NO_PROXY"] != "localhost,.corp,.lab expand=false" {
		t.Errorf("left are %q and %q", after["variable MADE"], after["variable NO_PROXY"])
	}
}

func TestWhatOnlyWeWroteGoesAlsoAfterAllBecameOurs(t *testing.T) {
	for name, between := range map[string]func(*memhost.Machine){
		"nobody has touched it": func(*memhost.Machine) {},
		"somebody has deleted it": func(m *memhost.Machine) {
			m.RemoveFile(lmhosts)
			_ = m.Host().Environment.DeleteVariable(context.Background(), "MADE")
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			before := m.Snapshot()
			some := lines("10.0.0.1 ours")
			some.Variables = []state.Variable{{Name: "MADE", Entries: []string{"ours"}}}
			mustApply(t, m, some)
			between(m)
			mustApply(t, m, &state.Desired{
				Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: lmhosts, Inline: text("all ours\r\n")}},
				Variables: []state.Variable{{Name: "MADE", Value: text("all ours")}},
			})
			mustRemove(t, m)
			if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
