package store_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
)

func open(t *testing.T) (*memhost.Machine, *store.Store) {
	t.Helper()
	m := memhost.New()
	s := store.New(m.Host().Files, store.DefaultRoot)
	if err := s.Prepare(t.Context()); err != nil {
		t.Fatal(err)
	}
	return m, s
}

func TestWhatASessionNotesSurvivesAPowerCut(t *testing.T) {
	m, s := open(t)
	session, err := s.Begin(t.Context(), state.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	record := state.Record{ID: state.Service{Name: "kubelet"}.ID()}
	if err := session.Own(record); err != nil {
		t.Fatal(err)
	}
	m.LosePower()
	manifest, interrupted, err := s.Load(t.Context())
	if diff := cmp.Diff([]state.Record{record}, manifest.Records); diff != "" || !interrupted || err != nil {
		t.Errorf("interrupted %t, error %v: %s", interrupted, err, diff)
	}
}

func TestTheStoreIsForAdministratorsOnly(t *testing.T) {
	m, s := open(t)
	d := &state.Desired{Schema: state.Schema, Owner: "c"}
	if err := s.SaveDesired(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if got, err := s.Desired(t.Context()); err != nil || got.Owner != "c" {
		t.Errorf("got %v, error %v", got, err)
	}
	for path, description := range m.Snapshot() {
		if strings.HasPrefix(path, "path "+store.DefaultRoot.String()) && !strings.Contains(description, "administrators") {
			t.Errorf("%s: %s", path, description)
		}
	}
}

func TestADamagedManifestIsAnErrorAndNoEmptyManifest(t *testing.T) {
	m, s := open(t)
	m.WriteFile(store.DefaultRoot.Join("manifest.json"), `{"schema":`)
	if _, _, err := s.Load(t.Context()); err == nil || !strings.Contains(err.Error(), "manifest.json") {
		t.Errorf("got error %v", err)
	}
}

func TestAManifestThatIsGoneIsAnErrorAsLongAsSomethingIsLeftThatNeedsIt(t *testing.T) {
	for _, left := range []string{"backup", "journal"} {
		t.Run(left, func(t *testing.T) {
			m, s := open(t)
			m.WriteFile(`C:\a`, "original")
			session, err := s.Begin(t.Context(), state.Manifest{})
			if err != nil {
				t.Fatal(err)
			}
			if left == "backup" {
				if _, err := s.Preserve(t.Context(), `C:\a`); err != nil {
					t.Fatal(err)
				}
				if err := session.Commit(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			m.RemoveFile(store.DefaultRoot.Join("manifest.json"))
			if _, _, err := s.Load(t.Context()); err == nil || !strings.Contains(err.Error(), store.DefaultRoot.Join(left).String()) {
				t.Errorf("got error %v", err)
			}
		})
	}
}

func TestWhatWouldNotBeReadAgainIsNotNoted(t *testing.T) {
	_, s := open(t)
	session, err := s.Begin(t.Context(), state.Manifest{})
	if err != nil {
		t.Fatal(err)
	}
	record := func(name string) state.Record {
		large := state.EnvironmentValue{Text: strings.Repeat("x", state.MaxDocument/3)}
		return state.Record{ID: state.Variable{Name: name}.ID(), Original: &state.Original{Variable: &large}}
	}
	for range 2 { // One takes the other's place.
		if err := session.Own(record("A")); err != nil {
			t.Fatal(err)
		}
	}
	if err := session.Own(record("B")); err != nil {
		t.Fatal(err)
	}
	if err := session.Own(record("C")); err == nil {
		t.Error("a third one is noted")
	}
	if err := session.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if manifest, _, err := s.Load(t.Context()); err != nil || len(manifest.Records) != 2 {
		t.Errorf("%d records, error %v", len(manifest.Records), err)
	}
}

func TestAnOriginalThatWasDamagedIsKeptAnew(t *testing.T) {
	m, s := open(t)
	m.WriteFile(`C:\a`, "original")
	digest, err := s.Preserve(t.Context(), `C:\a`)
	if err != nil {
		t.Fatal(err)
	}
	m.WriteFile(store.DefaultRoot.Join("backup", digest), "orig")
	if _, err := s.Preserve(t.Context(), `C:\a`); err != nil {
		t.Fatal(err)
	}
	if kept, _ := m.ReadFile(store.DefaultRoot.Join("backup", digest)); kept != "original" {
		t.Errorf("kept is %q", kept)
	}
}

func TestOriginalsAreKeptAsLongAsTheyAreNeeded(t *testing.T) {
	m, s := open(t)
	m.WriteFile(`C:\a`, "original")
	digest, err := s.Preserve(t.Context(), `C:\a`)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.Preserve(t.Context(), `C:\a`); err != nil || again != digest {
		t.Errorf("again: %s, error %v", again, err)
	}
	needed := state.Manifest{}.With(state.Record{
		ID: state.File{Path: `C:\a`}.ID(), Original: &state.Original{SHA256: digest},
	})
	if err := s.Prune(t.Context(), needed, nil); err != nil {
		t.Fatal(err)
	}
	original, err := s.OpenOriginal(t.Context(), digest)
	if err != nil {
		t.Fatal(err)
	}
	original.Close()
	if err := s.Prune(t.Context(), state.Manifest{}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := s.OpenOriginal(t.Context(), digest); !errors.Is(err, store.ErrLost) {
		t.Errorf("it is still there, error %v", err)
	}
}

func TestOtherPeoplesFilesInTheRootStay(t *testing.T) {
	m, s := open(t)
	m.WriteFile(store.DefaultRoot.Join("mullion-agent.exe"), "the agent")
	if err := s.Clear(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveRoot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, there := m.ReadFile(store.DefaultRoot.Join("mullion-agent.exe")); !there {
		t.Error("it is gone")
	}
}
