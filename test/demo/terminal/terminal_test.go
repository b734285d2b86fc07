package terminal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTextIsWrappedAtBlanks(t *testing.T) {
	for sentence, test := range map[string]struct {
		text, indent string
		width        int
		want         string
	}{
		"nothing stays nothing":                    {"", "  ", 10, ""},
		"a short line is indented":                 {"one two", "  ", 10, "  one two\n"},
		"a line is as long as it may be":           {"one two", "  ", 9, "  one two\n"},
		"and no longer":                            {"one two", "  ", 8, "  one\n  two\n"},
		"a word that is too long stays whole":      {"a incomprehensible b", "", 5, "a\nincomprehensible\nb\n"},
		"blanks and line feeds count as one blank": {" one \n\n two ", "", 20, "one two\n"},
		"characters are counted, not bytes":        {"äöü äöü", "", 7, "äöü äöü\n"},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Wrap(test.text, test.width, test.indent)); diff != "" {
				t.Errorf("wrapped (-want +got):\n%s", diff)
			}
		})
	}
}

func TestColumnsAreAsWideAsTheirWidestCell(t *testing.T) {
	table := New(&strings.Builder{}).Table([]string{"NAME", "B", "NODE"}, [][]Cell{
		{{Text: "größer"}, {Text: "1"}, {Text: "n"}},
		{{Text: "x"}, {}, {Text: "node"}},
		{{Text: "y"}, {}, {}},
	})
	want := `
  NAME    B  NODE
  größer  1  n
  x          node
  y
`[1:]
	if diff := cmp.Diff(want, table); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestColourTakesNoRoomInATable(t *testing.T) {
	coloured := &Terminal{colour: true}
	rows := [][]Cell{{{"a", Red}, {"b", Plain}}, {{"longer", Green}, {"c", Bold}}}
	header := []string{"X", "Y"}
	got := coloured.Table(header, rows)
	if !strings.Contains(got, "\x1b[31ma\x1b[0m") {
		t.Errorf("no colour in %q", got)
	}
	plain := regexp.MustCompile("\x1b\\[[0-9]*m").ReplaceAllString(got, "")
	if diff := cmp.Diff((&Terminal{}).Table(header, rows), plain); diff != "" {
		t.Errorf("without colour (-want +got):\n%s", diff)
	}
}

func TestWhatIsNoTerminalGetsPlainText(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	for sentence, term := range map[string]*Terminal{"a buffer": New(&strings.Builder{}), "a file": New(file)} {
		if got := term.Paint(Red, "text"); got != "text" {
			t.Errorf("%s gets %q", sentence, got)
		}
		if term.Width() != plainWidth {
			t.Errorf("%s is %d wide", sentence, term.Width())
		}
	}
}

// withoutTimes replaces how long steps took, which differs from run to run.
func withoutTimes(text string) string {
	return regexp.MustCompile(`  [0-9.]+m?[0-9]*s\n`).ReplaceAllString(text, "  TIME\n")
}

func TestAStepTellsHowItEnded(t *testing.T) {
	var out strings.Builder
	term := New(&out)
	err := term.Do(t.Context(), Step{Doing: "Making tea", Repeated: "making tea: "}, func(_ context.Context, detail *Detail) (string, error) {
		_, _ = fmt.Fprintln(detail, "making tea: boiling water")
		return "The tea is made", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	spilled := errors.New("spilled")
	err = term.Do(t.Context(), Step{Doing: "Serving tea"}, func(context.Context, *Detail) (string, error) { return "", spilled })
	if !errors.Is(err, spilled) {
		t.Errorf("got %v", err)
	}
	want := "  … Making tea\n    boiling water\n  ✓ The tea is made  TIME\n  ✗ Serving tea\n"
	if diff := cmp.Diff(want, withoutTimes(out.String())); diff != "" {
		t.Errorf("printed (-want +got):\n%s", diff)
	}
}

func TestAMovingLineNeverWraps(t *testing.T) {
	var out strings.Builder
	term := &Terminal{out: &out, width: 20, moving: true}
	err := term.Do(t.Context(), Step{Doing: "Doing something with a long name"}, func(_ context.Context, detail *Detail) (string, error) {
		_, _ = fmt.Fprintln(detail, "and much detail")
		return "Done", nil
	})
	if err != nil {
		t.Fatal(err)
	}
	moving, _, found := strings.Cut(out.String(), "Done")
	if !found || !strings.Contains(moving, "Doing") {
		t.Fatalf("printed %q", out.String())
	}
	for line := range strings.SplitSeq(moving, "\r\x1b[2K") {
		if length := len([]rune(line)); length >= term.width {
			t.Errorf("a line of %d characters: %q", length, line)
		}
	}
}
