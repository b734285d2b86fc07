package winhost

import (
	"errors"
	"io"
	"os"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func write(t *testing.T, path winpath.Path, content string, restricted bool) {
	t.Helper()
	file, err := files{}.Create(t.Context(), path, restricted)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(file, content)
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, path winpath.Path) string {
	t.Helper()
	file, err := files{}.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestAReadOnlyFileIsReplaced(t *testing.T) {
	root := directory(t)
	write(t, root.Join("new"), "new", true)
	write(t, root.Join("old"), "old", false)
	if err := os.Chmod(string(root.Join("old")), 0o400); err != nil { // Read-only.
		t.Fatal(err)
	}
	if err := (files{}).Rename(t.Context(), root.Join("new"), root.Join("OLD")); err != nil {
		t.Fatal(err)
	}
	if got := read(t, root.Join("old")); got != "new" {
		t.Errorf("got %q", got)
	}
}

func TestAReadOnlyFileIsDeletedAndItsDirectoryThen(t *testing.T) {
	root := directory(t)
	full := root.Join("full")
	if err := (files{}).MakeDirectory(t.Context(), full); err != nil {
		t.Fatal(err)
	}
	write(t, full.Join("file"), "", true)
	if err := (files{}).Remove(t.Context(), full); !errors.Is(err, host.ErrNotEmpty) {
		t.Errorf("a directory with a file: %v", err)
	}
	if err := os.Chmod(string(full.Join("file")), 0o400); err != nil {
		t.Fatal(err)
	}
	for _, path := range []winpath.Path{full.Join("file"), full} {
		if err := (files{}).Remove(t.Context(), path); err != nil {
			t.Error(err)
		}
	}
}
