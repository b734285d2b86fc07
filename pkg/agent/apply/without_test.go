package apply_test

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

const (
	authorized winpath.Path = `C:\ProgramData\ssh\administrators_authorized_keys`
	firstKey   string       = "ssh-ed25519 AAAAFIRST"
	secondKey  string       = "ssh-ed25519 AAAASECOND"
	adminsKey  string       = "ssh-rsa AAAAADMIN jane@example.com"
)

// keys lets a host be logged in to by some keys, and no longer by others.
func keys(lines []string, without ...string) *state.Desired {
	return &state.Desired{Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{
		Path: authorized, Lines: lines, Without: without, Access: state.AccessAdministrators,
	}}}
}

// installed is a host of which the first key was let in by whoever installed it, in the words of that installer.
func installed() *memhost.Machine {
	m := memhost.New()
	m.WriteFile(authorized, "# by the installer\r\n"+firstKey+" installer@example.com\r\n"+adminsKey+"\r\nno-pty "+firstKey)
	return m
}

func expectKeys(t *testing.T, m *memhost.Machine, want string) {
	t.Helper()
	if got, _ := m.ReadFile(authorized); got != want {
		t.Errorf("it is\n%swant\n%s", got, want)
	}
}

func TestAKeyThatRetiresIsTakenOutWhoeverPutItThere(t *testing.T) {
	m := installed()
	mustApply(t, m, keys([]string{secondKey, firstKey}))
	rotated := keys([]string{secondKey}, firstKey)
	planned, _, err := applier(m).Plan(t.Context(), rotated, apply.NoSkew)
	if err != nil || len(planned.Actions) != 1 || len(planned.Actions[0].Changes) != 3 {
		t.Fatalf("planned %+v, error %v", planned, err)
	}
	mustApply(t, m, rotated)
	expectKeys(t, m, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n")
	if report := mustApply(t, m, rotated); report.Done != 0 {
		t.Errorf("applying again did %v", report.Plan.Actions)
	}
	m.WriteFile(authorized, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n"+firstKey+" back again\r\n")
	mustApply(t, m, rotated)
	expectKeys(t, m, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n")
}

func TestLinesArePutIntoTextOfAnyCodePageAndTakenOutOfIt(t *testing.T) {
	const latin, retired = "# f\xfcr die Kollegen\r\n", firstKey + " J\xfcrgen\r\n"
	m := memhost.New()
	m.WriteFile(authorized, latin+retired)
	mustApply(t, m, keys([]string{secondKey}))
	expectKeys(t, m, latin+retired+secondKey+"\r\n")
	clone := m.Clone()
	mustRemove(t, clone)
	expectKeys(t, clone, latin+retired)
	report := mustApply(t, m, keys([]string{secondKey}, firstKey))
	expectKeys(t, m, latin+secondKey+"\r\n")
	if _, err := state.Encode(report.Plan); err != nil {
		t.Errorf("the plan cannot be sent: %v", err)
	}
	mustRemove(t, m)
	expectKeys(t, m, latin+secondKey+"\r\n")
}

func TestWhatWasTakenOutIsNotedAndDoesNotComeBack(t *testing.T) {
	m := installed()
	mustApply(t, m, keys([]string{secondKey}, firstKey))
	on := m.Host()
	manifest, _, err := store.New(on.Files, store.DefaultRoot).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	record, _ := manifest.Find(state.ID{Kind: state.KindFile, Name: authorized.String()})
	if got := strings.Join(record.Removed, "|"); got != "no-pty "+firstKey+"|"+firstKey+" installer@example.com" &&
		got != firstKey+" installer@example.com|no-pty "+firstKey {
		t.Errorf("noted are %q", got)
	}
	report := mustRemove(t, m)
	expectKeys(t, m, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n")
	found := false
	for _, action := range report.Plan.Actions {
		found = found || action.Verb == state.VerbForget && strings.Contains(action.Reason, "Our lines stay")
	}
	if !found {
		t.Errorf("nobody is told that our line stays: %+v", report.Plan.Actions)
	}
}

func TestAHostWithoutAFirstKeyOfOthersIsGivenBackAsItWas(t *testing.T) {
	m := memhost.New()
	m.WriteFile(authorized, adminsKey)
	before := m.Snapshot()
	mustApply(t, m, keys([]string{firstKey}))
	mustApply(t, m, keys([]string{secondKey}, firstKey)) // What goes is a line of ours.
	expectKeys(t, m, adminsKey+"\r\n"+secondKey+"\r\n")
	mustRemove(t, m)
	if after := m.Snapshot(); before["path "+authorized.String()] != after["path "+authorized.String()] {
		t.Errorf("it was %s and is %s", before["path "+authorized.String()], after["path "+authorized.String()])
	}
}

func TestALossOfPowerWhileAKeyRetiresLeavesTheNewOne(t *testing.T) {
	whole := installed()
	mustApply(t, whole, keys([]string{secondKey, firstKey}))
	rotated := keys([]string{secondKey}, firstKey)
	for n := 1; ; n++ {
		m := whole.Clone()
		m.CutAt(n)
		_, _ = applier(m).Apply(t.Context(), rotated, apply.NoSkew) // It is cut, or done.
		cut := m.WasCut()
		m.LosePower()
		if content, _ := m.ReadFile(authorized); !strings.Contains(content, secondKey) {
			t.Fatalf("cut before operation %d, nobody can log in: %q", n, content)
		}
		mustApply(t, m, rotated)
		expectKeys(t, m, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n")
		mustRemove(t, m)
		expectKeys(t, m, "# by the installer\r\n"+adminsKey+"\r\n"+secondKey+"\r\n")
		if !cut {
			return
		}
	}
}
