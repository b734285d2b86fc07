package winhost

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// sourceFolder is this package's folder in the repository.
const sourceFolder = "test/winhost"

// SetupOptions say how to set up.
type SetupOptions struct {
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Install permits to install missing Debian packages on this machine.
	Install bool
	// Log receives progress. Nil discards it.
	Log io.Writer
}

// Installation is what hosts are made from. It is not changed once it is there.
type Installation struct {
	cache    string // The repository's .cache.
	repo     string
	root     string // A Debian with Wine in it, beside the machine's own system.
	template string // The disk of a host that has never been booted.
	programs string // What we add to Windows.
}

// Setup makes what hosts are made from, unless it is there. Concurrent calls, also of several processes, build once:
// the others wait. The error is an UnavailableError where the machine, and not we, is the reason.
func Setup(ctx context.Context, o SetupOptions) (*Installation, error) {
	if o.Log == nil {
		o.Log = io.Discard
	}
	repo, err := findRoot(o.Root)
	if err != nil {
		return nil, err
	}
	if err := checkMachine(ctx); err != nil {
		return nil, err
	}
	in := &Installation{repo: repo, cache: filepath.Join(repo, ".cache")}
	if err := os.MkdirAll(in.cache, 0o755); err != nil {
		return nil, fmt.Errorf("making the cache: %w", err)
	}
	unlock, err := lock(ctx, filepath.Join(in.cache, "winhost.lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := in.provideRoot(ctx, o.Log); err != nil {
		return nil, err
	}
	if err := in.providePrograms(ctx, o); err != nil {
		return nil, err
	}
	return in, in.provideTemplate(ctx, o.Log)
}

// decisive are the files that decide what the Wine root and the template are.
//
//go:embed packages.txt debian.go wineroot.go template.go
var decisive embed.FS

func (in *Installation) provideRoot(ctx context.Context, log io.Writer) error {
	digest, err := digestOf("", decisive)
	if err != nil {
		return err
	}
	base := filepath.Join(in.cache, "winhost-"+digest)
	in.root, in.template = filepath.Join(base, "root"), filepath.Join(base, "template")
	if exists(in.root) {
		return nil
	}
	if err := checkDownload(); err != nil {
		return err
	}
	started := time.Now()
	if err := os.MkdirAll(base, 0o755); err != nil {
		return fmt.Errorf("making the cache: %w", err)
	}
	err = whole(in.root, func(unfinished string) error { return buildRoot(ctx, unfinished, log) })
	if err != nil {
		return err
	}
	say(log, "Wine is ready after %s", time.Since(started).Round(time.Second))
	return nil
}

// whole makes a folder under another name first, so that what is interrupted is not taken for finished.
func whole(folder string, fill func(unfinished string) error) error {
	unfinished := folder + ".unfinished"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("removing what was interrupted: %w", err)
	}
	if err := os.MkdirAll(unfinished, 0o755); err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	if err := fill(unfinished); err != nil {
		return err
	}
	if err := os.Rename(unfinished, folder); err != nil {
		return fmt.Errorf("keeping what was made: %w", err)
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, os.ErrNotExist)
}

// digestOf identifies a text and the content of all files of trees.
func digestOf(text string, trees ...fs.FS) (string, error) {
	hash := sha256.New()
	fmt.Fprintf(hash, "%q\n", text)
	for _, tree := range trees {
		err := fs.WalkDir(tree, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			content, err := fs.ReadFile(tree, path)
			if err != nil {
				return err
			}
			fmt.Fprintf(hash, "%s %d\n", path, len(content))
			hash.Write(content)
			return nil
		})
		if err != nil {
			return "", fmt.Errorf("reading sources: %w", err)
		}
	}
	return hex.EncodeToString(hash.Sum(nil))[:12], nil
}
