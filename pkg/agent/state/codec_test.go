package state_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

const head = `{"schema":"mullion.dev/host/v1","owner":"c"`

func TestDesiredStatesAreDecodedStrictly(t *testing.T) {
	for sentence, test := range map[string]struct{ document, want string }{
		"an unknown field":            {head + `,"fles":[]}`, `unknown object member name "fles"`},
		"an unknown field deep down":  {head + `,"files":[{"path":"C:\\k","mode":"x"}]}`, `/files/0`},
		"a duplicate field":           {head + `,"owner":"d"}`, `duplicate object member name "owner"`},
		"another case of a field":     {head + `,"Files":[]}`, `unknown object member name "Files"`},
		"something after it":          {head + `}{}`, `after top-level value`},
		"no object":                   {`[]`, `not a JSON object`},
		"nothing":                     {``, `not a JSON object`},
		"null":                        {`null`, `not a JSON object`},
		"text that is not UTF-8":      {head + `,"hostname":"` + "\xff" + `"}`, `invalid UTF-8`},
		"another schema":              {`{"schema":"mullion.dev/host/v2","owner":"c"}`, `same release`},
		"more than it may have":       {head + strings.Repeat(" ", state.MaxDocument) + `}`, `larger than`},
		"a path that is relative":     {head + `,"files":[{"path":"k\\x","sha256":""}]}`, `not absolute`},
		"a kind that nobody knows":    {head + `,"features":[{"name":"x","after":["pod/x"]}]}`, `unknown kind`},
		"an ID without a name":        {head + `,"features":[{"name":"x","after":["file/"]}]}`, `not kind/name`},
		"a number where text belongs": {head + `,"hostname":1}`, `/hostname`},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := state.DecodeDesired([]byte(test.document))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got error %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestManifestsThatAreDamagedAreRefused(t *testing.T) {
	for sentence, document := range map[string]string{
		"another schema":       `{"schema":"x","generation":1}`,
		"records out of order": `{"schema":"mullion.dev/host/v1","generation":1,"records":[{"id":"service/b"},{"id":"service/a"}]}`,
		"a record twice":       `{"schema":"mullion.dev/host/v1","generation":1,"records":[{"id":"file/C:\\a"},{"id":"file/c:\\A"}]}`,
		"no JSON":              `{`,
	} {
		t.Run(sentence, func(t *testing.T) {
			if _, err := state.DecodeManifest([]byte(document)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestReadLimitedRefusesWhatIsTooLarge(t *testing.T) {
	if _, err := state.ReadLimited(strings.NewReader(strings.Repeat(" ", state.MaxDocument+1))); err == nil {
		t.Error("no error")
	}
	if raw, err := state.ReadLimited(strings.NewReader("{}")); err != nil || string(raw) != "{}" {
		t.Errorf("got %q, error %v", raw, err)
	}
}

func TestManifestsFindRecordsWhateverTheCase(t *testing.T) {
	id := state.ID{Kind: state.KindService, Name: "Kubelet"}
	manifest := state.Manifest{}.With(state.Record{ID: id}).With(state.Record{ID: state.ID{Kind: state.KindFile, Name: `C:\a`}})
	same := state.ID{Kind: state.KindService, Name: "kubelet"}
	if _, found := manifest.Find(same); !found {
		t.Error("not found")
	}
	if again := manifest.With(state.Record{ID: same, Purge: true}); len(again.Records) != 2 || len(manifest.Records) != 2 {
		t.Errorf("it is there twice: %v", again.Records)
	}
	left := manifest.Without(same).Without(same)
	if _, found := left.Find(id); found || len(left.Records) != 1 || len(manifest.Records) != 2 {
		t.Errorf("left are %v", left.Records)
	}
}

func FuzzDecodeDesired(f *testing.F) {
	f.Add([]byte(head + `}`))
	f.Add([]byte(head + `,"files":[{"path":"C:\\k\\x","inline":"a","format":"text"}],"services":[{"name":"s","program":"C:\\k\\x"}]}`))
	f.Add([]byte(head + `,"registry":[{"key":"HKLM\\A","data":{"type":"binary","bytes":"AA=="}}],"environment":[{"name":"P","entries":["a"]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		desired, err := state.DecodeDesired(raw)
		if err != nil {
			return
		}
		encoded, err := state.Encode(desired)
		if err != nil {
			t.Fatal(err)
		}
		again, err := state.DecodeDesired(encoded)
		if err != nil {
			t.Fatalf("what was decoded does not decode again: %v\n%s", err, encoded)
		}
		twice, err := state.Encode(again)
		if diff := cmp.Diff(string(encoded), string(twice)); diff != "" || err != nil {
			t.Errorf("it changes with each round: %s, error %v", diff, err)
		}
	})
}

func FuzzDecodeManifest(f *testing.F) {
	f.Add([]byte(`{"schema":"mullion.dev/host/v1","generation":1,"records":[{"id":"file/C:\\a","original":{"sha256":"x"}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		manifest, err := state.DecodeManifest(raw)
		if err != nil {
			return
		}
		for _, record := range manifest.Records {
			if found, ok := manifest.Find(record.ID); !ok || found.ID != record.ID {
				t.Errorf("the record of %s is not found", record.ID)
			}
		}
	})
}
