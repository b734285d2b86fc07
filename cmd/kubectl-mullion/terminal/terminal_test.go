package terminal_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

func TestNobodyButATerminalGetsEscapeSequences(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	progress := terminal.NewProgress(file, "images", 2)
	progress.Add(1)
	progress.Close()
	if written, err := os.ReadFile(file.Name()); err != nil || len(written) > 0 {
		t.Errorf("progress: %q, %v", written, err)
	}
	if got := terminal.PaletteFor(file).Paint(terminal.Red, "no"); got != "no" {
		t.Errorf("a file: %q", got)
	}
	if got := terminal.PaletteFor(new(bytes.Buffer)).Paint(terminal.Red, "no"); got != "no" {
		t.Errorf("a buffer: %q", got)
	}
}

func TestColourEndsBeforeTheLineDoes(t *testing.T) {
	if got, want := terminal.Colours().Paint(terminal.Red, "no\n"), "\x1b[31mno\x1b[0m\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := terminal.Colours().Paint(terminal.Red, "\n"); got != "\n" {
		t.Errorf("nothing to paint: %q", got)
	}
}
