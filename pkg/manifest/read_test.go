package manifest_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/manifest"
)

// files writes files below a new directory, which becomes the working directory.
func files(t *testing.T, content map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range content {
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func kind(name string) string { return "apiVersion: v1\nkind: " + name + "\n" }

func TestFilesDirectoriesAndTheStandardInputAreRead(t *testing.T) {
	files(t, map[string]string{
		"b.yaml": kind("B"), "a/z.yml": kind("Z"), "a/c/d.JSON": `{"apiVersion":"v1","kind":"D"}`,
		"a/README.md": "# no manifest", "a/.git/x.yaml": kind("Hidden"), "a/.hidden.yaml": kind("Hidden"),
		"template": kind("Template"),
	})
	if err := os.Symlink("a", "link"); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		paths []string
		want  []string
	}{
		"a file, whatever its name":      {[]string{"template"}, []string{"template:1: v1 Template (without a name)"}},
		"a directory, in order of names": {[]string{"a"}, []string{"a/c/d.JSON:1: v1 D (without a name)", "a/z.yml:1: v1 Z (without a name)"}},
		"a link to a directory": {
			[]string{"link"}, []string{"link/c/d.JSON:1: v1 D (without a name)", "link/z.yml:1: v1 Z (without a name)"},
		},
		"the standard input": {[]string{"-"}, []string{"<stdin>:1: v1 In (without a name)"}},
		"each once, in the order given": {
			[]string{"b.yaml", "./a", "a/z.yml", "a"},
			[]string{"b.yaml:1: v1 B (without a name)", "a/c/d.JSON:1: v1 D (without a name)", "a/z.yml:1: v1 Z (without a name)"},
		},
		"what is missing, beside what is not": {
			[]string{"none.yaml", "b.yaml"}, []string{"b.yaml:1: v1 B (without a name)", "none.yaml: no such file or directory"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := listing(manifest.Read(c.paths, strings.NewReader(kind("In"))))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestAFileThatCannotBeReadDoesNotStopTheOthers(t *testing.T) {
	files(t, map[string]string{"dir/b.yaml": kind("B")})
	if err := os.Symlink("nowhere", "dir/a.yaml"); err != nil {
		t.Fatal(err)
	}
	got := listing(manifest.Read([]string{"dir", "-"}, iotest.ErrReader(errors.New("it hung up"))))
	want := []string{"dir/b.yaml:1: v1 B (without a name)", "dir/a.yaml: no such file or directory", "<stdin>: it hung up"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// endless is a file without an end.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestNoMoreThanALimitIsRead(t *testing.T) {
	got := listing(manifest.Read([]string{"-"}, endless{}))
	if diff := cmp.Diff([]string{"<stdin>: it is larger than 64 MiB"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
