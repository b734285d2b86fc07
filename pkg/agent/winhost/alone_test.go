//go:build !windows

package winhost

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoOtherPackageCallsWindows keeps what cannot run on Linux in one place: all else is tested with a host in memory.
func TestNoOtherPackageCallsWindows(t *testing.T) {
	const here = "../../../"
	seen := 0
	for _, root := range []string{"api", "cmd", "pkg"} {
		err := filepath.WalkDir(here+root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasPrefix(path, here+"pkg/agent/winhost/") {
				return err
			}
			seen++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
			if err != nil {
				return err
			}
			for _, imported := range file.Imports {
				if strings.Contains(imported.Path.Value, "x/sys/windows") || imported.Path.Value == `"syscall"` && isForWindows(path) {
					t.Errorf("%s imports %s", path, imported.Path.Value)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 100 {
		t.Errorf("only %d files were looked at", seen)
	}
}

func isForWindows(path string) bool {
	return strings.HasSuffix(strings.TrimSuffix(path, "_test.go"), "_windows.go")
}
