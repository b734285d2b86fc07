package apply_test

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
)

// deaths are the ways in which an agent ends before its time.
func deaths() map[string]func(*memhost.Machine) {
	return map[string]func(*memhost.Machine){
		"kill -9":   (*memhost.Machine).Kill,
		"power cut": (*memhost.Machine).LosePower,
		"a reboot":  (*memhost.Machine).Reboot,
	}
}

// journey is something that is done to a host.
type journey struct {
	start *memhost.Machine
	do    func(*testing.T, *memhost.Machine) error
}

func journeys(t *testing.T) map[string]journey {
	t.Helper()
	bare := adminsHost(t)
	upload(bare, contents("v1")...)
	bring(bare, "the agent that applies")
	first := bare.Clone()
	mustApply(t, first, desired("v1"))
	installMonitor(t, first)
	upload(first, contents("v2")...)
	second := first.Clone()
	mustApply(t, second, desired("v2"))
	for _, m := range []*memhost.Machine{bare, first, second} {
		bring(m, "a former version of the agent")
	}
	return map[string]journey{
		"the first configuration":       {bare, applyVersion("v1")},
		"a new version":                 {first, applyVersion("v2")},
		"going back to the old version": {second, applyVersion("v1")},
		"removal":                       {second, remove},
	}
}

// installMonitor installs a service of the admin's on top of ours.
func installMonitor(t *testing.T, m *memhost.Machine) {
	t.Helper()
	if err := m.Install(t.Context(), "monitor", state.ServiceConfig{
		CommandLine: `"C:\Windows\spooler.exe"`, Start: state.StartAutomatic, Account: state.LocalSystem,
		DependsOn: []string{"kubelet"},
	}); err != nil {
		t.Fatal(err)
	}
}

func applyVersion(version string) func(*testing.T, *memhost.Machine) error {
	return func(t *testing.T, m *memhost.Machine) error {
		upload(m, contents(version)...)
		_, err := as(m, "the agent that applies").Apply(t.Context(), desired(version), apply.NoSkew)
		return err
	}
}

func remove(t *testing.T, m *memhost.Machine) error {
	_, err := as(m, "the agent that applies").Remove(t.Context(), "")
	return err
}

// TestCutAtAnyOperation ends the agent before every single operation that changes the host, in every way, and has
// another one go on.
func TestCutAtAnyOperation(t *testing.T) {
	for what, journey := range journeys(t) {
		whole := journey.start.Clone()
		if err := journey.do(t, whole); err != nil {
			t.Fatal(err)
		}
		want := whole.Snapshot(store.DefaultRoot)
		removed := journey.start.Clone()
		if err := remove(t, removed); err != nil {
			t.Fatal(err)
		}
		original := removed.Snapshot()
		for how, die := range deaths() {
			if how == "a reboot" && what != "a new version" {
				continue // It loses less than a power cut, and starts services as that does.
			}
			t.Run(what+", "+how, func(t *testing.T) {
				t.Parallel()
				for n := 1; ; n++ {
					m := journey.start.Clone()
					m.CutAt(n)
					err := journey.do(t, m)
					if !m.WasCut() {
						t.Logf("%d points", n-1)
						break
					}
					if err == nil {
						t.Fatalf("cut at %d: no error", n)
					}
					at := fmt.Sprintf("cut at operation %d, after %s", n, last(m.Operations()))
					die(m)
					checkWhole(t, at, m, journey.start, whole)
					other := m.Clone()
					if err := journey.do(t, m); err != nil {
						t.Fatalf("%s: going on: %v", at, err)
					}
					if diff := cmp.Diff(want, m.Snapshot(store.DefaultRoot)); diff != "" {
						t.Fatalf("%s: the host is not as without the cut (-without +with):\n%s", at, diff)
					}
					checkStore(t, at, m)
					if err := remove(t, other); err != nil {
						t.Fatalf("%s: removing instead: %v", at, err)
					}
					if diff := cmp.Diff(original, other.Snapshot()); diff != "" {
						t.Fatalf("%s: removal leaves the host changed (-original +after):\n%s", at, diff)
					}
				}
			})
		}
	}
}

// surviveAnyEnd ends the agent before every operation of an apply and of a removal, in every way, and then gives the host
// back: what was there before us is there in the end, and nothing else. Others look at what was applied.
func surviveAnyEnd(t *testing.T, bare *memhost.Machine, desired func() *state.Desired, others func(*memhost.Machine)) {
	t.Helper()
	before, configured := bare.Snapshot(), bare.Clone()
	mustApply(t, configured, desired())
	for what, journey := range map[string]journey{
		"applying": {bare, func(t *testing.T, m *memhost.Machine) error {
			_, err := applier(m).Apply(t.Context(), desired(), apply.NoSkew)
			return err
		}},
		"removing": {configured, remove},
	} {
		for way, die := range deaths() {
			for n := 1; ; n++ {
				m := journey.start.Clone()
				m.CutAt(n)
				_ = journey.do(t, m) // It is cut off.
				if !m.WasCut() {
					break
				}
				die(m)
				if what == "applying" {
					mustApply(t, m, desired())
					others(m)
				}
				mustRemove(t, m)
				if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
					t.Fatalf("%s, %s at operation %d: %s", what, way, n, diff)
				}
			}
		}
	}
}

func last(operations []string) string {
	if len(operations) == 0 {
		return "nothing"
	}
	return operations[len(operations)-1]
}

// checkWhole finds files that are neither as before nor as after: half-written ones.
func checkWhole(t *testing.T, at string, m, before, after *memhost.Machine) {
	t.Helper()
	was, will := before.Snapshot(), after.Snapshot()
	for name, content := range m.Snapshot(store.DefaultRoot) {
		isFile := strings.HasPrefix(name, "path ") && strings.HasPrefix(content, string(state.PathFile))
		temporary := strings.Contains(name, ".mullion-")
		if isFile && !temporary && content != was[name] && content != will[name] {
			t.Fatalf("%s: %s is half-written: %s", at, name, content)
		}
	}
}

// checkStore finds what a finished agent should not have left in its own directory, and what it should have.
func checkStore(t *testing.T, at string, m *memhost.Machine) {
	t.Helper()
	kept := keptContents(t, m)
	for _, name := range slices.Sorted(maps.Keys(m.Snapshot())) {
		in, inside := strings.CutPrefix(name, "path "+store.DefaultRoot.String()+`\`)
		content, isContent := strings.CutPrefix(in, `content\`)
		allowed := in == "manifest.json" || in == "desired.json" || in == "backup" || strings.HasPrefix(in, `backup\`) &&
			!strings.Contains(in, ".mullion-") || in == "content" && len(kept) > 0 || isContent && kept[content]
		if inside && !allowed {
			t.Fatalf("%s: %s is left", at, name)
		}
		if got, _ := m.ReadFile(store.DefaultRoot.Join("content", content)); isContent && state.Digest([]byte(got)) != content {
			t.Fatalf("%s: %s has another digest", at, name)
		}
		delete(kept, content)
	}
	if len(kept) > 0 {
		t.Fatalf("%s: contents are not kept: %v", at, kept)
	}
}

// keptContents are the contents that the saved desired state needs.
func keptContents(t *testing.T, m *memhost.Machine) map[string]bool {
	t.Helper()
	kept := map[string]bool{}
	saved, err := applier(m).Store.Desired(t.Context())
	if errors.Is(err, fs.ErrNotExist) {
		return kept
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range saved.Files {
		if file.SHA256 != "" {
			kept[file.SHA256] = true
		}
	}
	return kept
}
