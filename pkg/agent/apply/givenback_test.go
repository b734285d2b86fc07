package apply_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// What a host that is given back has kept, though it is easily lost.

// withoutLists is a drive that keeps no access lists, as FAT.
type withoutLists struct{ host.FileSystem }

func (w withoutLists) Access(ctx context.Context, path winpath.Path) (state.AccessState, error) {
	_, err := w.FileSystem.Access(ctx, path)
	return state.AccessState{Level: state.AccessLevelUnknown}, err
}

func TestADriveThatKeepsNoAccessIsGivenBackAllTheSame(t *testing.T) {
	m := adminsHost(t)
	m.WriteFile(`C:\k\theirs.txt`, "theirs")
	before := m.Snapshot()
	a := applier(m)
	a.Host.Files = withoutLists{a.Host.Files}
	a.Store = store.New(a.Host.Files, store.DefaultRoot)
	d := &state.Desired{
		Schema: state.Schema, Owner: "cluster-1", Directories: []state.Directory{{Path: `C:\k`, Access: state.AccessAdministrators}},
		Files: []state.File{{Path: `C:\k\theirs.txt`, Inline: text("ours"), Access: state.AccessAdministrators}},
	}
	inherited := &state.Desired{
		Schema: state.Schema, Owner: "cluster-1", Directories: []state.Directory{{Path: `C:\k`}},
		Files: []state.File{{Path: `C:\k\theirs.txt`, Inline: text("ours")}},
	}
	for _, wanted := range []*state.Desired{d, inherited, d} {
		if _, err := a.Apply(t.Context(), wanted, apply.NoSkew); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := a.Remove(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	after := m.Snapshot()
	delete(before, `path C:\k`) // What was set there cannot be told from what is.
	delete(after, `path C:\k`)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestAProgramThatMadeWayAndStillRunsIsToldAndDoesNotComeBack(t *testing.T) {
	m := runningAgent(t)
	mustApply(t, m, withAgent(m, "v2"))
	const aside = agentProgram + ".mullion-old0"
	release := m.Hold(aside)
	a := applier(m)
	var notes []string
	a.Progress = func(event apply.Event) {
		if event.Note != "" {
			notes = append(notes, event.Note)
		}
	}
	if _, err := a.Remove(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if content, there := m.ReadFile(agentProgram); there {
		t.Errorf("there is %q again", content)
	}
	if said := strings.Join(notes, "\n"); !strings.Contains(said, aside+" stays: it still runs.") {
		t.Errorf("told is %q", said)
	}
	release()
}

func TestADirectoryThatSomebodyMadeInPlaceOfAFileOfOursStays(t *testing.T) {
	m := adminsHost(t)
	mustApply(t, m, &state.Desired{
		Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: `C:\k\x`, Inline: text("ours")}},
	})
	m.RemoveFile(`C:\k\x`)
	m.WriteFile(`C:\k\x\theirs.txt`, "theirs")
	mustRemove(t, m)
	if got, _ := m.ReadFile(`C:\k\x\theirs.txt`); got != "theirs" {
		t.Errorf("it is %q", got)
	}
}

func TestAValueThatIsNotWhatItsTypeSaysComesBackAsItWas(t *testing.T) {
	const key, name = `HKLM\SOFTWARE\Corp`, "Broken"
	m := adminsHost(t)
	theirs := state.RegistryData{Type: state.RegistryOther, Number: 4, Bytes: []byte{1, 2, 3}}
	check(t, m.Host().Registry.SetValue(t.Context(), key, name, theirs))
	before := m.Snapshot()
	ours := state.RegistryData{Type: state.RegistryDWord, Number: 7}
	mustApply(t, m, &state.Desired{
		Schema: state.Schema, Owner: "cluster-1", Registry: []state.RegistryValue{{Key: key, Name: name, Data: ours}},
	})
	if is, err := m.Host().Registry.Value(t.Context(), key, name); err != nil || !is.Equal(ours) {
		t.Errorf("it is %+v, error %v", is, err)
	}
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}

func TestAnOriginalThatIsLostIsToldUntilSomebodyDecides(t *testing.T) {
	const original = "# theirs\r\n"
	for name, lose := range map[string]func(*memhost.Machine, winpath.Path){
		"deleted": (*memhost.Machine).RemoveFile,
		"damaged": func(m *memhost.Machine, path winpath.Path) { m.WriteFile(path, "# th") },
	} {
		t.Run(name, func(t *testing.T) {
			m := adminsHost(t)
			m.WriteFile(lmhosts, original)
			mustApply(t, m, &state.Desired{
				Schema: state.Schema, Owner: "cluster-1", Files: []state.File{{Path: lmhosts, Inline: text("ours")}},
			})
			backup := store.DefaultRoot.Join("backup", state.Digest([]byte(original)))
			lose(m, backup)
			_, err := applier(m).Remove(t.Context(), "")
			if !errors.Is(err, store.ErrLost) || !strings.Contains(err.Error(), backup.String()) {
				t.Errorf("got error %v", err)
			}
			if got, _ := m.ReadFile(lmhosts); got != "ours" {
				t.Errorf("it is %q", got)
			}
			brought := m.Clone()
			brought.WriteFile(backup, original)
			mustRemove(t, brought)
			if got, _ := brought.ReadFile(lmhosts); got != original {
				t.Errorf("once it is brought back it is %q", got)
			}
			m.RemoveFile(lmhosts)
			mustRemove(t, m)
		})
	}
}

func TestARouteThatWasThereBesideAnotherOneIsNotOurs(t *testing.T) {
	m := adminsHost(t)
	m.MakeRoutePersistent(metadata, by("Ethernet")[metadata][0])
	m.MakeRoutePersistent(metadata, state.Route{Network: "Ethernet", Gateway: "198.51.100.1"})
	before := m.Snapshot()
	mustApply(t, m, inCloud())
	wantWays(t, m, by("Ethernet"))
	mustRemove(t, m)
	if diff := cmp.Diff(before, m.Snapshot()); diff != "" {
		t.Error(diff)
	}
}
