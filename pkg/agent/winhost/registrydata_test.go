package winhost

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestAValueIsReadAsItsTypeSaysIfItCanBeWrittenSoAgain(t *testing.T) {
	other := func(kind uint64, raw string) state.RegistryData {
		return state.RegistryData{Type: state.RegistryOther, Number: kind, Bytes: []byte(raw)}
	}
	for name, test := range map[string]struct {
		kind uint32
		raw  string
		want state.RegistryData
	}{
		"a text":                      {kindString, "h\x00i\x00\x00\x00", state.RegistryData{Type: state.RegistryString, Text: "hi"}},
		"an empty text":               {kindString, "\x00\x00", state.RegistryData{Type: state.RegistryString}},
		"a text that is expanded":     {kindExpand, "%\x00\x00\x00", state.RegistryData{Type: state.RegistryExpand, Text: "%"}},
		"texts":                       {kindMultiString, "a\x00\x00\x00b\x00\x00\x00\x00\x00", state.RegistryData{Type: state.RegistryMultiString, Texts: []string{"a", "b"}}},
		"texts of which one is empty": {kindMultiString, "a\x00\x00\x00\x00\x00b\x00\x00\x00\x00\x00", state.RegistryData{Type: state.RegistryMultiString, Texts: []string{"a", "", "b"}}},
		"no texts":                    {kindMultiString, "\x00\x00", state.RegistryData{Type: state.RegistryMultiString}},
		"four bytes":                  {kindDWord, "\x01\x02\x00\x00", state.RegistryData{Type: state.RegistryDWord, Number: 513}},
		"eight bytes":                 {kindQWord, "\x01\x00\x00\x00\x00\x00\x00\x80", state.RegistryData{Type: state.RegistryQWord, Number: 1<<63 + 1}},
		"bytes":                       {kindBinary, "\x00\xff", state.RegistryData{Type: state.RegistryBinary, Bytes: []byte{0, 255}}},
		"a text without its end":      {kindString, "h\x00i\x00", other(kindString, "h\x00i\x00")},
		"a text with a zero in it":    {kindString, "h\x00\x00\x00i\x00\x00\x00", state.RegistryData{Type: state.RegistryString, Text: "h\x00i"}},
		"half a character":            {kindString, "\x00\xd8\x00\x00", other(kindString, "\x00\xd8\x00\x00")},
		"half of two bytes":           {kindString, "h\x00\x00\x00x", other(kindString, "h\x00\x00\x00x")},
		"nothing for a text":          {kindString, "", other(kindString, "")},
		"texts without their end":     {kindMultiString, "a\x00\x00\x00b\x00", other(kindMultiString, "a\x00\x00\x00b\x00")},
		"texts with one end too few":  {kindMultiString, "a\x00\x00\x00", other(kindMultiString, "a\x00\x00\x00")},
		"three bytes for a number":    {kindDWord, "\x01\x02\x03", other(kindDWord, "\x01\x02\x03")},
		"a type that we do not know":  {0, "x", other(0, "x")},
	} {
		t.Run(name, func(t *testing.T) {
			got := decodeValue(test.kind, []byte(test.raw))
			if len(got.Bytes) == 0 {
				got.Bytes = test.want.Bytes // Nil or empty.
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzDecodeValue(f *testing.F) {
	f.Add(uint32(kindMultiString), []byte("a\x00\x00\x00b\x00\x00\x00\x00\x00"))
	f.Add(uint32(kindString), []byte("\x00\xd8\x00\x00"))
	f.Fuzz(func(t *testing.T, kind uint32, raw []byte) {
		again, written, err := encodeValue(decodeValue(kind, raw))
		if err != nil || again != kind || !bytes.Equal(raw, written) {
			t.Errorf("%d bytes of type %d became %q of type %d, error %v", len(raw), kind, written, again, err)
		}
	})
}

func TestNothingNextToDataLooksLikeItsEnd(t *testing.T) {
	for _, raw := range [][]byte{nil, {'x'}, {'x', 0}, {'x', 0, 'y'}} {
		between := betweenEnds(append(make([]byte, 0, 16), raw...))
		if !bytes.Equal(between, raw) {
			t.Errorf("got %v, want %v", between, raw)
		}
		if after := between[:len(between)+2]; after[len(raw)] == 0 || after[len(raw)+1] == 0 {
			t.Errorf("behind %v is an end: %v", raw, after[len(raw):])
		}
	}
}
