package merge_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/merge"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

func TestLinesAreAddedAndTakenOutExactly(t *testing.T) {
	for sentence, test := range map[string]struct{ before, after string }{
		"an empty file gets Windows' endings":        {"", "x\r\ny\r\n"},
		"Windows' endings stay":                      {"a\r\nb\r\n", "a\r\nb\r\nx\r\ny\r\n"},
		"Unix' endings stay":                         {"a\nb\n", "a\nb\nx\ny\n"},
		"mixed endings stay as they are":             {"a\nb\r\nc\n", "a\nb\r\nc\nx\ny\n"},
		"a last line without an ending gets one":     {"a\r\nb", "a\r\nb\r\nx\r\ny\r\n"},
		"a byte order mark and empty lines stay":     {"\xef\xbb\xbfa\r\n\r\n", "\xef\xbb\xbfa\r\n\r\nx\r\ny\r\n"},
		"a carriage return inside a line stays":      {"a\rb\n", "a\rb\nx\ny\n"},
		"a line that only begins alike is different": {"x \n", "x \nx\ny\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			lines := merge.Split([]byte(test.before))
			unended := lines.EndsWithin()
			added := lines.Add(lines.Missing([]string{"x", "y"}))
			if diff := cmp.Diff(test.after, string(added.Bytes())); diff != "" {
				t.Error(diff)
			}
			removed := merge.Split(added.Bytes()).Remove([]string{"x", "y"}, unended)
			if diff := cmp.Diff(test.before, string(removed.Bytes())); diff != "" {
				t.Errorf("taken out again: %s", diff)
			}
		})
	}
}

func TestOnlyOneOfTwoEqualLinesIsTakenOut(t *testing.T) {
	got := merge.Split([]byte("x\na\nx\nb\n")).Remove([]string{"x", "gone"}, false)
	if string(got.Bytes()) != "x\na\nb\n" {
		t.Errorf("got %q", got.Bytes())
	}
}

func TestALineThatOthersAddedAfterOursKeepsItsOwn(t *testing.T) {
	got := merge.Split([]byte("a\r\nours\r\ntheirs")).Remove([]string{"ours"}, true)
	if string(got.Bytes()) != "a\r\ntheirs" {
		t.Errorf("got %q", got.Bytes())
	}
}

func TestLists(t *testing.T) {
	for sentence, test := range map[string]struct {
		value, separator string
		want             []string
		after, removed   string
	}{
		"an entry is appended":                        {`C:\a`, ";", []string{`C:\k`}, `C:\a;C:\k`, `C:\a`},
		"an empty list":                               {"", ";", []string{`C:\k`}, `C:\k`, ""},
		"an entry in another case is there":           {`c:\K\;C:\a`, ";", []string{`C:\k`}, `c:\K\;C:\a`, `C:\a`},
		"a separator at the end is filled":            {`C:\a;`, ";", []string{`C:\k`}, `C:\a;C:\k`, `C:\a`},
		"a NO_PROXY list stays separated by commas":   {"localhost,.corp", ",", []string{".svc", "10.0.0.0/8"}, "localhost,.corp,.svc,10.0.0.0/8", "localhost,.corp"},
		"spaces and empty entries of others are kept": {`a,, b`, ",", []string{"c"}, `a,, b,c`, `a,, b`},
	} {
		t.Run(sentence, func(t *testing.T) {
			list := merge.SplitList(test.value, test.separator)
			added := list.Add(list.Missing(test.want)).String()
			if added != test.after {
				t.Errorf("added: %q", added)
			}
			if removed := merge.SplitList(added, test.separator).Remove(test.want).String(); removed != test.removed {
				t.Errorf("removed: %q", removed)
			}
		})
	}
}

func TestSame(t *testing.T) {
	for sentence, test := range map[string]struct {
		format state.Format
		a, b   string
		want   bool
	}{
		"bytes differ in an ending":            {state.FormatBytes, "a\n", "a\r\n", false},
		"line endings are no drift in text":    {state.FormatText, "a\nb\n", "\xef\xbb\xbfa\r\nb\r\n\r\n", true},
		"a word is drift in text":              {state.FormatText, "a b", "a c", false},
		"key order is no drift in JSON":        {state.FormatJSON, `{"a":1,"b":[1,2]}`, "{\r\n \"b\": [1, 2], \"a\": 1.0 }", true},
		"order in a list is drift in JSON":     {state.FormatJSON, `[1,2]`, `[2,1]`, false},
		"what is no JSON is compared as bytes": {state.FormatJSON, `{`, `{ `, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := merge.Same(test.format, []byte(test.a), []byte(test.b)); got != test.want {
				t.Errorf("got %t", got)
			}
		})
	}
}

func TestRendered(t *testing.T) {
	content := "a\r\nb\nc"
	for ending, want := range map[state.LineEnding]string{
		state.LineEndingAsIs: content, state.LineEndingLF: "a\nb\nc", state.LineEndingCRLF: "a\r\nb\r\nc",
	} {
		if got := string(merge.Rendered(state.File{Inline: &content, LineEnding: ending})); got != want {
			t.Errorf("%q: got %q", ending, got)
		}
	}
	if merge.Rendered(state.File{}) != nil {
		t.Error("a file without inline content has some")
	}
}

func TestTextIsWhatLinesCanBePutInto(t *testing.T) {
	if !merge.Text([]byte("ä\r\n")) || !merge.Text([]byte("# f\xfcr\r\n")) || !merge.Text(nil) ||
		merge.Text([]byte("a\x00b\x00")) || merge.Text([]byte("\xff\xfea")) || merge.Text([]byte("\xfe\xff\x4e\x2d")) {
		t.Error("UTF-8 and UTF-16 are confused")
	}
}

func FuzzLines(f *testing.F) {
	f.Add("a\r\nb", "x")
	f.Add("", "x")
	f.Fuzz(func(t *testing.T, before, line string) {
		if state.CheckHostname(line) != nil {
			return // Nobody can declare such a line.
		}
		lines := merge.Split([]byte(before))
		if string(lines.Bytes()) != before {
			t.Fatalf("%q becomes %q by looking at it", before, lines.Bytes())
		}
		missing := lines.Missing([]string{line})
		after := lines.Add(missing).Bytes()
		if again := merge.Split(after).Missing([]string{line}); len(again) > 0 {
			t.Errorf("%q is not in %q", again, after)
		}
		back := merge.Split(after).Remove(missing, lines.EndsWithin() && len(missing) > 0).Bytes()
		if string(back) != before {
			t.Errorf("%q comes back as %q", before, back)
		}
	})
}
