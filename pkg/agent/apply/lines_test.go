package apply_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const lmhosts winpath.Path = `C:\Windows\System32\drivers\etc\lmhosts`

func lines(lines ...string) *state.Desired {
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: lmhosts, Lines: lines}},
	}
}

// removal is what is planned for the file when the host is given back.
func removal(t *testing.T, planner *apply.Applier) state.Verb {
	t.Helper()
	planned, _, err := planner.Plan(t.Context(), nil, apply.NoSkew)
	if err != nil {
		t.Fatal(err)
	}
	for _, action := range planned.Actions {
		if action.ID.Name == lmhosts.String() {
			return action.Verb
		}
	}
	t.Fatalf("nothing is planned for it: %+v", planned.Actions)
	return ""
}

func TestThePlanOfARemovalTellsWhetherAFileWithLinesOfOursGoes(t *testing.T) {
	tests := map[string]struct {
		before, since string
		want          state.Verb
		left          string
	}{
		"it was not there before": {want: state.VerbDelete},
		"it was there before":     {before: "# theirs\r\n", want: state.VerbRestore, left: "# theirs\r\n"},
		"it was not there, and somebody has added lines since": {
			since: "10.0.0.9 theirs\r\n", want: state.VerbRestore, left: "10.0.0.9 theirs\r\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			if test.before != "" {
				m.WriteFile(lmhosts, test.before)
			}
			mustApply(t, m, lines("10.0.0.1 ours"))
			if test.since != "" {
				is, _ := m.ReadFile(lmhosts)
				m.WriteFile(lmhosts, is+test.since)
			}
			if got := removal(t, applier(m)); got != test.want {
				t.Errorf("planned is to %s it, want %s", got, test.want)
			}
			mustRemove(t, m)
			if got, _ := m.ReadFile(lmhosts); got != test.left {
				t.Errorf("left is %q, want %q", got, test.left)
			}
			if _, exists := m.ReadFile(lmhosts); exists != (test.want == state.VerbRestore) {
				t.Errorf("it exists: %t", exists)
			}
		})
	}
}

func TestAFileThatGrewTooLargeToReadIsLeftAsItIs(t *testing.T) {
	for name, before := range map[string]string{"theirs": "# theirs\r\n", "ours": ""} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			if before != "" {
				m.WriteFile(lmhosts, before)
			}
			mustApply(t, m, lines("10.0.0.1 ours"))
			is, _ := m.ReadFile(lmhosts)
			grown := is + strings.Repeat("# a line of somebody else\r\n", observe.MaxContent/20)
			m.WriteFile(lmhosts, grown)
			if got := removal(t, applier(m)); got != state.VerbForget {
				t.Errorf("planned is to %s it", got)
			}
			mustRemove(t, m)
			if got, _ := m.ReadFile(lmhosts); got != grown {
				t.Errorf("of %d bytes are left %d", len(grown), len(got))
			}
		})
	}
}
