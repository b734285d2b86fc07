package nodeconfig_test

import (
	"encoding/json"
	"flag"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestEveryFileOfAHostIsAsReviewed renders configurations as they are used, and compares each file that a host gets.
// The rest of the desired state is in result.json, in which the contents of files are left out.
func TestEveryFileOfAHostIsAsReviewed(t *testing.T) {
	for name, host := range map[string]nodeconfig.Host{
		"minimal":                joining(),
		"hybrid-overlay-joining": joining(),
		"hybrid-overlay":         joined(),
		"everything":             loggedInTo(joined()),
		"calico-external":        joined(),
		"calico-configured":      joined(),
		"flannel-host-gateway":   joined(),
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t, name)
			got := render(t, desired(t, c, host))
			directory := filepath.Join("testdata", name, "golden")
			if *update {
				writeGolden(t, directory, got)
			}
			if diff := cmp.Diff(readGolden(t, directory), got); diff != "" {
				t.Errorf("what is rendered (-want +got); go test -update writes it anew:\n%s", diff)
			}
			again := render(t, desired(t, c, host))
			if diff := cmp.Diff(got, again); diff != "" {
				t.Errorf("the second time is another:\n%s", diff)
			}
		})
	}
}

// render is a result as files: the name of each is its path on the host, with slashes.
func render(t *testing.T, r nodeconfig.Result) map[string]string {
	t.Helper()
	files := map[string]string{}
	shown := ""
	for i := range r.State.Files {
		if content := r.State.Files[i].Inline; content != nil {
			name := strings.ReplaceAll(strings.TrimPrefix(r.State.Files[i].Path.String(), `C:\`), `\`, "/")
			files[name] = strings.ReplaceAll(*content, token, "THE-TOKEN")
			r.State.Files[i].Inline = &shown
		}
	}
	result, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	files["result.json"] = string(result) + "\n"
	return files
}

func readGolden(t *testing.T, directory string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(directory, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(path)
		name, _ := filepath.Rel(directory, path)
		files[filepath.ToSlash(name)] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func writeGolden(t *testing.T, directory string, files map[string]string) {
	t.Helper()
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	for name, content := range files {
		path := filepath.Join(directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
