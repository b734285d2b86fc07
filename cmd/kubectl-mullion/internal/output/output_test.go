package output_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

func TestColourDoesNotMoveColumns(t *testing.T) {
	table := output.NewTable("BUILD", "FITS")
	table.Add(terminal.Green, "10.0.20348", "yes")
	table.Add("", "10.0.1", "no")
	var plain, coloured bytes.Buffer
	if err := table.Write(&plain, terminal.Palette{}, "  "); err != nil {
		t.Fatal(err)
	}
	if err := table.Write(&coloured, terminal.Colours(), "  "); err != nil {
		t.Fatal(err)
	}
	const want = "  BUILD        FITS\n  10.0.20348   yes\n  10.0.1       no\n"
	if diff := cmp.Diff(want, plain.String()); diff != "" {
		t.Errorf("plain (-want +got):\n%s", diff)
	}
	const wantColoured = "  BUILD        FITS\n  \x1b[32m10.0.20348   yes\x1b[0m\n  10.0.1       no\n"
	if diff := cmp.Diff(wantColoured, coloured.String()); diff != "" {
		t.Errorf("coloured (-want +got):\n%s", diff)
	}
}

func TestSentences(t *testing.T) {
	for text, want := range map[string]string{
		"":             "",
		"build it":     "Build it.",
		"Build it.":    "Build it.",
		"über Windows": "Über Windows.",
	} {
		if got := output.Sentence(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
