package store_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/atomicfile"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// with is a desired state that has a file with each content.
func with(contents ...string) *state.Desired {
	d := &state.Desired{Schema: state.Schema, Owner: "c"}
	for _, content := range contents {
		d.Files = append(d.Files, state.File{Path: `C:\k`, SHA256: state.Digest([]byte(content)), Size: int64(len(content))})
		d.Files[len(d.Files)-1].Path = d.Files[len(d.Files)-1].Path.Join(content)
	}
	return d
}

func TestContentIsKeptFromWhereItIs(t *testing.T) {
	m, s := open(t)
	d := with("brought", "in its place")
	inline := "text"
	d.Files = append(d.Files, state.File{Path: `C:\k\inline`, Inline: &inline})
	m.WriteFile(s.ContentPath(d.Files[0].SHA256), "brought")
	m.WriteFile(d.Files[1].Path, "in its place")
	for range 2 {
		if err := s.KeepContents(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Contents(t.Context())
	if diff := cmp.Diff(map[string]bool{d.Files[0].SHA256: true, d.Files[1].SHA256: true}, got); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
	content, err := s.OpenContent(t.Context(), d.Files[1].SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer content.Close()
	if text, err := io.ReadAll(content); err != nil || string(text) != "in its place" {
		t.Errorf("it is %q, error %v", text, err)
	}
	if err := s.Prune(t.Context(), state.Manifest{}, with("brought")); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Contents(t.Context()); err != nil || len(got) != 1 || !got[d.Files[0].SHA256] {
		t.Errorf("left are %v, error %v", got, err)
	}
}

func TestContentThatCannotBeKeptIsAnErrorThatNamesTheFile(t *testing.T) {
	for sentence, content := range map[string]string{
		"what is in its place is something else": "something else",
		"there is nothing in its place":          "",
	} {
		t.Run(sentence, func(t *testing.T) {
			m, s := open(t)
			d := with("a program")
			if content != "" {
				m.WriteFile(d.Files[0].Path, content)
			}
			if err := s.KeepContents(t.Context(), d); err == nil || !strings.Contains(err.Error(), d.Files[0].Path.String()) {
				t.Errorf("got error %v", err)
			}
			if got, err := s.Contents(t.Context()); len(got) > 0 || err != nil {
				t.Errorf("kept is %v, error %v", got, err)
			}
		})
	}
	m, s := open(t)
	d := with("a program")
	m.WriteFile(d.Files[0].Path, "a program")
	m.Fill(2)
	if err := s.KeepContents(t.Context(), d); !errors.Is(err, host.ErrDiskFull) {
		t.Errorf("a full disk: got error %v", err)
	}
}

func TestOnlyDamagedContentIsDropped(t *testing.T) {
	m, s := open(t)
	digest := state.Digest([]byte("content"))
	for _, test := range []struct {
		content string
		dropped bool
	}{{"", false}, {"content", false}, {"damaged", true}} {
		if test.content != "" {
			m.WriteFile(s.ContentPath(digest), test.content)
		}
		dropped, err := s.DropDamaged(t.Context(), digest)
		if dropped != test.dropped || err != nil {
			t.Errorf("%q: dropped %t, error %v", test.content, dropped, err)
		}
	}
	if got, err := s.Contents(t.Context()); len(got) > 0 || err != nil {
		t.Errorf("left is %v, error %v", got, err)
	}
}

func TestASessionNotesEverythingAndEnds(t *testing.T) {
	_, s := open(t)
	session, err := s.Begin(t.Context(), state.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	id := state.Service{Name: "kubelet"}.ID()
	pending := []state.Pending{{ID: id, BootID: "1"}}
	asides := []state.Aside{{Path: `C:\a.exe`, Aside: `C:\a.exe.mullion-old0`}}
	for _, err := range []error{
		session.SetOwner("c"), session.SetOwner("c"), session.Own(state.Record{ID: id}), session.SetVersions([]string{"v1"}),
		session.SetResume([]string{"monitor"}), session.SetReboots(pending), session.SetRestarts(pending), session.SetAsides(asides),
		session.Own(state.Record{ID: state.Service{Name: "gone"}.ID()}), session.Disown(state.Service{Name: "gone"}.ID()),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	want := state.Manifest{
		Schema: state.Schema, Owner: "c", Records: []state.Record{{ID: id}}, Versions: []string{"v1"},
		Resume: []string{"monitor"}, Reboots: pending, Restarts: pending, Asides: asides,
	}
	for _, interrupted := range []bool{true, false} {
		got, was, err := s.Load(t.Context())
		got.Generation = 0
		if diff := cmp.Diff(want, got); diff != "" || was != interrupted || err != nil {
			t.Errorf("interrupted %t, error %v, (-want +got):\n%s", was, err, diff)
		}
		if interrupted {
			if err := session.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if infos, err := s.Contents(t.Context()); len(infos) > 0 || err != nil || s.Root() != store.DefaultRoot {
		t.Errorf("left are %v, error %v", infos, err)
	}
}

func TestWhoeverComesAfterAnInterruptionTakesBackWhatIsHalfDone(t *testing.T) {
	m, s := open(t)
	const program, unfinished = winpath.Path(`C:\k\agent.exe`), winpath.Path(`C:\k\kubelet.json`)
	m.WriteFile(program+".mullion-old0", "v1")
	m.WriteFile(atomicfile.Temporary(unfinished), "half of i")
	session, err := s.Begin(t.Context(), state.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		session.Own(state.Record{ID: state.File{Path: unfinished}.ID()}),
		session.Own(state.Record{ID: state.File{Path: program}.ID()}),
		session.SetAsides([]state.Aside{{Path: program, Aside: program + ".mullion-old0"}}), session.Close(), session.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	manifest, interrupted, err := s.Load(t.Context())
	if err != nil || !interrupted {
		t.Fatalf("interrupted %t, error %v", interrupted, err)
	}
	if session, err = s.Begin(t.Context(), manifest); err != nil {
		t.Fatal(err)
	}
	if err := session.Recover(t.Context(), interrupted); err != nil {
		t.Fatal(err)
	}
	if content, _ := m.ReadFile(program); content != "v1" || len(session.Manifest().Asides) > 0 {
		t.Errorf("the program is %q, and noted are %v", content, session.Manifest().Asides)
	}
	if _, there := m.ReadFile(atomicfile.Temporary(unfinished)); there {
		t.Error("the unfinished file is left")
	}
}
