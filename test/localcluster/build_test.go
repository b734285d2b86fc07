package localcluster

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestTheDigestChangesWithEveryFileOfTheModule(t *testing.T) {
	module := t.TempDir()
	write := func(name, content string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(module, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("main.go", "package main")
	write("go.mod", "module example.com/m")
	write("go.sum", "")
	seen := map[string]string{}
	digest := func(after, flags string) {
		t.Helper()
		got, err := digestModule(t.Context(), module, flags)
		if err != nil {
			t.Fatal(err)
		}
		if before, ok := seen[got]; ok {
			t.Errorf("digest after %s is the same as after %s", after, before)
		}
		seen[got] = after
	}
	digest("the start", "-s")
	digest("other link flags", "-w")
	write("main.go", "package main // changed")
	digest("a changed source", "-s")
	write("go.sum", "changed")
	digest("changed sums", "-s")
	write("etcd.go", "package main")
	digest("a new source", "-s")
}

func TestTheRepositoryIsFoundFromFoldersBelowIt(t *testing.T) {
	root, err := findRoot("") // From this package's folder.
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(root, "test", "localcluster", "build_test.go")); err != nil {
		t.Error(err)
	}
}

func TestAFolderOutsideTheRepositoryIsRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	if root, err := findRoot(""); err == nil {
		t.Errorf("found %s", root)
	}
}

func TestProgressCountsAndKeepsTheEndOfAFailedBuild(t *testing.T) {
	p := newProgress(io.Discard)
	defer p.stop()
	for _, chunk := range []string{"go: downloading a v1\ngo: downl", "oading b v2\nexample.com/p\n", "p.go:1: wrong"} {
		if _, err := p.Write([]byte(chunk)); err != nil {
			t.Fatal(err)
		}
	}
	if p.downloaded != 2 || p.compiled != 1 {
		t.Errorf("counted %d downloads and %d packages, want 2 and 1", p.downloaded, p.compiled)
	}
	if got := p.tail(); !strings.HasSuffix(got, "p.go:1: wrong") {
		t.Errorf("tail is %q", got)
	}
}

func TestALockIsHeldUntilItIsReleased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	holder, err := tryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tryLock(path); !errors.Is(err, errLocked) {
		t.Fatalf("second lock: %v, want %v", err, errLocked)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := waitForLock(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("waiting with an ended context: %v", err)
	}
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	unlock, err := waitForLock(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestOnlyAbandonedDataDirectoriesAreRemoved(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	living, err := newDataDir("")
	if err != nil {
		t.Fatal(err)
	}
	abandoned, err := newDataDir("")
	if err != nil {
		t.Fatal(err)
	}
	if err := abandoned.owner.Close(); err != nil { // As the kernel does when the owner dies.
		t.Fatal(err)
	}
	foreign := filepath.Join(temporary, temporaryPrefix+"foreign")
	if err := os.Mkdir(foreign, 0o700); err != nil {
		t.Fatal(err)
	}

	removeAbandoned(temporary)
	for path, want := range map[string]bool{living.path: true, abandoned.path: false, foreign: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %t", path, err, want)
		}
	}
	if err := living.close(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(living.path); err == nil {
		t.Errorf("%s is there after close", living.path)
	}
}

func TestADirectoryToKeepIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "kept")
	dir, err := newDataDir(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := dir.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestCompilerErrorsAreReported(t *testing.T) {
	root := t.TempDir()
	module := filepath.Join(root, moduleFolder)
	if err := os.MkdirAll(module, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"main.go": "package main\nfunc main() { undefined() }\n", "go.mod": "module example.com/m\n"} {
		if err := os.WriteFile(filepath.Join(module, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var log bytes.Buffer
	executable := filepath.Join(root, "executable")
	err := compile(t.Context(), module, executable, "-s", &log)
	if err == nil || !strings.Contains(err.Error(), "undefined: undefined") {
		t.Errorf("got %v, want the compiler's words", err)
	}
	if _, err := os.Stat(executable); err == nil {
		t.Error("a failed build left an executable")
	}
}
