package apply_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// versionPath is where a version of the agent is.
func versionPath(version string) winpath.Path { return programs.Path(state.Digest([]byte(version))) }

// bring is a manager bringing a version of the agent.
func bring(m *memhost.Machine, version string) { m.WriteFile(versionPath(version), version) }

// versionsOf are the versions of the agent that are on a host.
func versionsOf(m *memhost.Machine, of ...string) []string {
	return slices.DeleteFunc(of, func(version string) bool { return !exists(m, versionPath(version)) })
}

func exists(m *memhost.Machine, path winpath.Path) bool {
	_, there := m.ReadFile(path)
	return there
}

// serving is a host that shall have the agent as a service, in a version that was brought.
func serving(version string) *state.Desired {
	return &state.Desired{Schema: state.Schema, Owner: "cluster-1", Services: []state.Service{{
		Name: "mullion-agent", Program: versionPath(version), Arguments: []string{"serve"},
		Recovery: state.Recovery{RestartAfterSeconds: []int{1}, OnError: true},
	}}}
}

// as is the applier of a version of the agent.
func as(m *memhost.Machine, version string) *apply.Applier {
	a := applier(m)
	a.Program = versionPath(version)
	return a
}

func TestFormerVersionsOfTheAgentGo(t *testing.T) {
	m := memhost.New()
	for _, version := range []string{"v1", "v2", "v3"} {
		bring(m, version)
	}
	for _, step := range []struct {
		who, serves string
		want        []string
	}{
		{"v1", "v1", []string{"v1"}},
		{"v2", "v1", []string{"v1", "v2"}}, // The service still uses the old one.
		{"v2", "v2", []string{"v2"}},
		{"v3", "v2", []string{"v2", "v3"}},
		{"v3", "v3", []string{"v3"}},
	} {
		bring(m, step.who)
		if _, err := as(m, step.who).Apply(t.Context(), serving(step.serves), apply.NoSkew); err != nil {
			t.Fatalf("%+v: %v", step, err)
		}
		if diff := cmp.Diff(step.want, versionsOf(m, "v1", "v2", "v3")); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", step, diff)
		}
	}
}

func TestAVersionOfTheAgentThatRunsStaysUntilItHasEnded(t *testing.T) {
	m := memhost.New()
	bring(m, "old")
	bring(m, "new")
	d := &state.Desired{Schema: state.Schema, Owner: "cluster-1"}
	ends := m.Hold(versionPath("old"))
	for _, want := range [][]string{{"old", "new"}, {"new"}} {
		if _, err := as(m, "new").Apply(t.Context(), d, apply.NoSkew); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, versionsOf(m, "old", "new")); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(want) == 2 {
			ends()
		}
	}
}

func TestAServiceOfSomebodyElseKeepsItsVersionOfTheAgent(t *testing.T) {
	m := memhost.New()
	bring(m, "theirs")
	bring(m, "ours")
	config := serving("theirs").Services[0].Config()
	if err := m.Host().Services.Create(t.Context(), "mullion-agent", config); err != nil {
		t.Fatal(err)
	}
	d := serving("ours")
	d.Services[0].TakeOver = true // It is put back one day.
	if _, err := as(m, "ours").Apply(t.Context(), d, apply.NoSkew); err != nil {
		t.Fatal(err)
	}
	if got := versionsOf(m, "theirs", "ours"); len(got) != 2 {
		t.Errorf("left are %v", got)
	}
}

func TestWhoeverRemovesTakesAllVersionsButItself(t *testing.T) {
	m := memhost.New()
	for _, version := range []string{"v1", "v2", "v3"} {
		bring(m, version)
	}
	begun := programs.Directory(state.Digest([]byte("v4")))
	m.WriteFile(begun.Join(programs.Name+"."+begun.Base()+".part"), "v")
	m.WriteFile(programs.Root.Join("notes.txt"), "the admin's")
	if _, err := as(m, "v1").Apply(t.Context(), serving("v2"), apply.NoSkew); err != nil {
		t.Fatal(err)
	}
	if _, err := as(m, "v1").Remove(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, name := range slices.Sorted(maps.Keys(m.Snapshot())) {
		if path, below := strings.CutPrefix(name, "path "+programs.Root.String()+`\`); below {
			left = append(left, path)
		}
	}
	own := programs.Directory(state.Digest([]byte("v1"))).Base()
	if diff := cmp.Diff([]string{own, own + `\` + programs.Name, "notes.txt"}, left); diff != "" {
		t.Errorf("left is (-want +got):\n%s", diff)
	}
}

func TestAServiceRemovesNoVersionOfTheAgent(t *testing.T) {
	m := memhost.New()
	bring(m, "old")
	bring(m, "newer, which the manager has brought")
	mustApply(t, m, serving("old")) // It does not say which version it is.
	if got := versionsOf(m, "old", "newer, which the manager has brought"); len(got) != 2 {
		t.Errorf("left are %v", got)
	}
}
