package cache_test

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
)

// source is a bundle in memory that counts what is read of it.
type source struct {
	digest   string
	manifest *bundle.Manifest
	contents map[string]string // by digest
	reads    atomic.Int32
	// read replaces reading, if it is set.
	read func(file bundle.File) (io.ReadCloser, error)
}

func (s *source) Digest() string             { return s.digest }
func (s *source) Manifest() *bundle.Manifest { return s.manifest }
func (s *source) Read(file bundle.File) (io.ReadCloser, error) {
	s.reads.Add(1)
	if s.read != nil {
		return s.read(file)
	}
	return io.NopCloser(strings.NewReader(s.contents[file.SHA256])), nil
}

func digest(content string) string {
	sum := sha256.Sum256([]byte(content))
	return hex.EncodeToString(sum[:])
}

func newSource(name string, contents ...string) *source {
	s := &source{digest: "sha256:" + digest(name), manifest: &bundle.Manifest{Schema: bundle.Schema}, contents: map[string]string{}}
	for i, content := range contents {
		s.contents[digest(content)] = content
		s.manifest.Files = append(s.manifest.Files, bundle.File{
			Path: fmt.Sprintf("file-%d", i), Size: int64(len(content)), SHA256: digest(content), Component: "x", Version: "v1",
		})
	}
	slices.SortFunc(s.manifest.Files, func(a, b bundle.File) int { return cmp.Compare(a.Path, b.Path) })
	return s
}

func open(t *testing.T, directory string, limit int64) *cache.Cache {
	t.Helper()
	c, err := cache.Open(directory, limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func fetch(t *testing.T, c *cache.Cache, s *source) *cache.Bundle {
	t.Helper()
	held, err := c.Fetch(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func expectContents(t *testing.T, held *cache.Bundle, s *source) {
	t.Helper()
	for sum, want := range s.contents {
		file, err := held.Open(sum)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(file)
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAFileIsFetchedOnce(t *testing.T) {
	c := open(t, t.TempDir(), 100)
	one, two := newSource("one", "kubelet", "shared"), newSource("two", "shared", "proxy", "shared")
	expectContents(t, fetch(t, c, one), one)
	expectContents(t, fetch(t, c, two), two)
	expectContents(t, fetch(t, c, two), two)
	if one.reads.Load() != 2 || two.reads.Load() != 1 {
		t.Errorf("%d and %d files were read", one.reads.Load(), two.reads.Load())
	}
	if got, want := c.Size(), int64(len("kubelet")+len("shared")+len("proxy")); got != want {
		t.Errorf("the cache has %d bytes: want %d", got, want)
	}
}

func TestAFileSurvivesTheProcess(t *testing.T) {
	directory, s := t.TempDir(), newSource("one", "kubelet")
	fetch(t, open(t, directory, 100), s)
	expectContents(t, fetch(t, open(t, directory, 100), s), s)
	if s.reads.Load() != 1 {
		t.Errorf("it was read %d times", s.reads.Load())
	}
}

func TestAFileThatWasDamagedOnTheDiskIsFetchedAgain(t *testing.T) {
	for sentence, damage := range map[string]func(path string) error{
		"other content": func(path string) error { return os.WriteFile(path, []byte("KUBELET"), 0o600) },
		"truncated":     func(path string) error { return os.Truncate(path, 3) },
		"gone":          os.Remove,
	} {
		t.Run(sentence, func(t *testing.T) {
			directory, s := t.TempDir(), newSource("one", "kubelet")
			fetch(t, open(t, directory, 100), s)
			c := open(t, directory, 100)
			if err := damage(filepath.Join(directory, "sha256", digest("kubelet"))); err != nil {
				t.Fatal(err)
			}
			expectContents(t, fetch(t, c, s), s)
			if s.reads.Load() != 2 {
				t.Errorf("it was read %d times", s.reads.Load())
			}
		})
	}
}

func TestWhatIsNotWhatTheManifestSaysIsRefused(t *testing.T) {
	for sentence, c := range map[string]struct{ content, want string }{
		"a wrong digest":  {"KUBELET", "is corrupt: its digest is " + digest("KUBELET") + " instead of " + digest("kubelet")},
		"a truncated one": {"kube", "is corrupt: it ends after 4 of 7 bytes"},
		"one too long":    {"kubelet and more", "is corrupt: it is longer than the 7 bytes of the manifest"},
	} {
		t.Run(sentence, func(t *testing.T) {
			directory, s := t.TempDir(), newSource("one", "kubelet")
			s.read = func(bundle.File) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(c.content)), nil }
			cached := open(t, directory, 100)
			_, err := cached.Fetch(t.Context(), s)
			var corrupt *cache.CorruptError
			if !errors.As(err, &corrupt) || !strings.HasSuffix(err.Error(), ": file-0: "+c.want) {
				t.Errorf("got %v", err)
			}
			expectEmpty(t, directory)
			if cached.Size() != 0 {
				t.Errorf("the cache has %d bytes", cached.Size())
			}
		})
	}
}

// expectEmpty proves that nothing is left, half-written files included.
func expectEmpty(t *testing.T, directory string) {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(directory, "*", "*"))
	if err != nil || len(found) > 0 {
		t.Errorf("left behind: %v, %v", found, err)
	}
}

// broken yields some bytes, then an error.
type broken struct{ before io.Reader }

func (b broken) Read(p []byte) (int, error) {
	n, err := b.before.Read(p)
	if errors.Is(err, io.EOF) {
		err = errors.New("connection reset")
	}
	return n, err
}

func TestADownloadThatBreaksLeavesNothingAndCanBeRepeated(t *testing.T) {
	directory, s := t.TempDir(), newSource("one", "kubelet")
	s.read = func(bundle.File) (io.ReadCloser, error) { return io.NopCloser(broken{strings.NewReader("kub")}), nil }
	c := open(t, directory, 100)
	if _, err := c.Fetch(t.Context(), s); err == nil || !strings.HasSuffix(err.Error(), "file-0: after 3 of 7 bytes: connection reset") {
		t.Errorf("got %v", err)
	}
	expectEmpty(t, directory)
	s.read = nil
	expectContents(t, fetch(t, c, s), s)
}

func TestASourceThatCannotBeReadIsAnError(t *testing.T) {
	s := newSource("one", "kubelet")
	s.read = func(bundle.File) (io.ReadCloser, error) { return nil, errors.New("unauthorized") }
	want := "fetching bundle " + s.digest + ": file-0: unauthorized"
	if _, err := open(t, t.TempDir(), 100).Fetch(t.Context(), s); err == nil || err.Error() != want {
		t.Errorf("got %v", err)
	}
}

func TestWhatAnInterruptedProcessLeftIsDeleted(t *testing.T) {
	directory := t.TempDir()
	for _, path := range []string{"partial/" + digest("x"), "sha256/not-a-digest"} {
		path = filepath.Join(directory, path)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte("half"), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, directory, 100)
	if c.Size() != 0 {
		t.Errorf("the cache has %d bytes", c.Size())
	}
	if _, err := os.Stat(filepath.Join(directory, "partial", digest("x"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestWhatNobodyUsesGoesFirstTheLongestUnusedBeforeOthers(t *testing.T) {
	c := open(t, t.TempDir(), 20)
	old, newer, inUse := newSource("old", "aaaaaa"), newSource("newer", "bbbbbb"), newSource("in use", "cccccc")
	kept := fetch(t, c, inUse)
	fetch(t, c, old).Release()
	fetch(t, c, newer).Release()
	fetch(t, c, old).Release() // Now the other one is the longest unused.
	fetch(t, c, newSource("next", "dddddd")).Release()
	for _, s := range []*source{old, inUse} {
		before := s.reads.Load()
		fetch(t, c, s).Release()
		if s.reads.Load() != before {
			t.Errorf("%v was evicted", s.contents)
		}
	}
	fetch(t, c, newer).Release()
	if newer.reads.Load() != 2 {
		t.Error("the longest unused one was not evicted")
	}
	expectContents(t, kept, inUse)
	kept.Release()
	kept.Release()
}

func TestTheOrderOfUseSurvivesTheProcess(t *testing.T) {
	directory := t.TempDir()
	c := open(t, directory, 18)
	for _, content := range []string{"aaaaaa", "bbbbbb", "cccccc"} {
		fetch(t, c, newSource(content, content)).Release()
	}
	for i, content := range []string{"bbbbbb", "aaaaaa", "cccccc"} {
		path := filepath.Join(directory, "sha256", digest(content))
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		at := info.ModTime().AddDate(0, 0, i-10)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	fetch(t, open(t, directory, 18), newSource("next", "dddddd")).Release()
	if _, err := os.Stat(filepath.Join(directory, "sha256", digest("bbbbbb"))); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the longest unused one was not evicted: %v", err)
	}
}

func TestWhatIsInUseIsNeverEvicted(t *testing.T) {
	c := open(t, t.TempDir(), 10)
	kept := newSource("kept", "aaaaaa")
	held := fetch(t, c, kept)
	_, err := c.Fetch(t.Context(), newSource("too much", "bbbbbb"))
	if err == nil || !strings.HasSuffix(err.Error(), "there is no room for 6 bytes: the cache may have 10, and bundles in use need 6 of them") {
		t.Errorf("got %v", err)
	}
	expectContents(t, held, kept)
}

func TestABundleOpensOnlyItsOwnFiles(t *testing.T) {
	c := open(t, t.TempDir(), 100)
	fetch(t, c, newSource("other", "other"))
	held := fetch(t, c, newSource("one", "kubelet"))
	if _, err := held.Open(digest("other")); err == nil {
		t.Error("a file of another bundle was opened")
	}
}

func TestManyAtOnceFetchAFileOnce(t *testing.T) {
	c, s := open(t, t.TempDir(), 1000), newSource("one", "kubelet", "proxy", "containerd")
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			held, err := c.Fetch(t.Context(), s)
			if err != nil {
				t.Error(err)
				return
			}
			expectContents(t, held, s)
			held.Release()
		})
	}
	all.Wait()
	if s.reads.Load() != 3 {
		t.Errorf("%d files were read", s.reads.Load())
	}
}

func TestWhoWaitsForAnothersDownloadMayGiveUpAndMayTakeOver(t *testing.T) {
	c, s := open(t, t.TempDir(), 100), newSource("one", "kubelet")
	reading, answer := make(chan struct{}), make(chan struct{})
	var first sync.Once
	s.read = func(bundle.File) (io.ReadCloser, error) {
		slow := false
		first.Do(func() { slow = true })
		if slow {
			close(reading)
			<-answer
			return nil, errors.New("connection reset")
		}
		return io.NopCloser(strings.NewReader("kubelet")), nil
	}
	var all sync.WaitGroup
	all.Go(func() {
		if _, err := c.Fetch(t.Context(), s); err == nil {
			t.Error("the first one has the file")
		}
	})
	<-reading
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Fetch(impatient, s); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	all.Go(func() {
		if _, err := c.Fetch(t.Context(), s); err != nil {
			t.Errorf("the second one did not take over: %v", err)
		}
	})
	close(answer)
	all.Wait()
}

func TestADirectoryThatCannotBeUsedIsAnError(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(path, 1); err == nil || !strings.HasPrefix(err.Error(), "making bundle cache: ") {
		t.Errorf("got %v", err)
	}
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "sha256"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cache.Open(directory, 1); err == nil || !strings.HasPrefix(err.Error(), "opening bundle cache "+directory) {
		t.Errorf("got %v", err)
	}
}
