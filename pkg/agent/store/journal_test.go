package store

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func lines(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var journal []byte
	for _, e := range entries {
		line, err := encodeEntry(e)
		if err != nil {
			t.Fatal(err)
		}
		journal = append(journal, line...)
	}
	return journal
}

func serviceRecord(name string) state.Record {
	return state.Record{ID: state.Service{Name: name}.ID()}
}

func generation(n uint64) entry { return entry{Generation: &n} }

func TestReplay(t *testing.T) {
	a, b, owner := serviceRecord("a"), serviceRecord("b"), "cluster-1"
	versions, resume, asides := []string{"v1"}, []string{"monitor"}, []state.Aside{{Path: `C:\x`, Aside: `C:\y`}}
	before := state.Manifest{Generation: 7, Records: []state.Record{b}}
	whole := lines(t, generation(7), entry{Own: &a}, entry{Disown: &b.ID}, entry{Owner: &owner},
		entry{Versions: &versions}, entry{Resume: &resume}, entry{Asides: &asides})
	after := state.Manifest{
		Generation: 7, Records: []state.Record{a}, Owner: owner, Versions: versions, Resume: resume, Asides: asides,
	}
	second := lines(t, generation(7), entry{Own: &a})
	for sentence, test := range map[string]struct {
		journal []byte
		want    state.Manifest
	}{
		"every entry counts":                          {whole, after},
		"no journal is no change":                     {nil, before},
		"a journal of an older manifest is void":      {lines(t, generation(6), entry{Own: &a}), before},
		"a journal without a generation is void":      {lines(t, entry{Own: &a}), before},
		"half a last line is as if it were not there": {append(slices.Clone(second), whole[:20]...), before.With(a)},
		"zeros that a power cut left are no line":     {append(slices.Clone(second), make([]byte, 4096)...), before.With(a)},
	} {
		t.Run(sentence, func(t *testing.T) {
			got, err := replay(before, test.journal)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAJournalThatIsDamagedInTheMiddleIsAnError(t *testing.T) {
	a, b := serviceRecord("a"), serviceRecord("b")
	journal := lines(t, generation(0), entry{Own: &a}, entry{Own: &b})
	damaged := bytes.Replace(journal, []byte("service/a"), []byte("service/c"), 1)
	if _, err := replay(state.Manifest{}, damaged); err == nil {
		t.Error("no error")
	}
}

func FuzzReplay(f *testing.F) {
	n, record := uint64(0), serviceRecord("a")
	for _, e := range []entry{{Generation: &n}, {Own: &record}} {
		line, err := encodeEntry(e)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, journal []byte) {
		manifest, err := replay(state.Manifest{Schema: state.Schema}, journal)
		if err != nil {
			return
		}
		encoded, err := state.Encode(manifest)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := state.DecodeManifest(encoded); err != nil {
			t.Errorf("the manifest does not decode again: %v\n%s", err, encoded)
		}
	})
}
