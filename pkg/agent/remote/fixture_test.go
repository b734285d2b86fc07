package remote_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// contents are contents by digest.
type contents map[string][]byte

func contentsOf(all ...string) contents {
	c := contents{}
	for _, content := range all {
		c[state.Digest([]byte(content))] = []byte(content)
	}
	return c
}

func (c contents) Open(_ context.Context, sha256 string) (remote.Content, error) {
	content, found := c[sha256]
	if !found {
		return nil, fs.ErrNotExist
	}
	return noClose{bytes.NewReader(content)}, nil
}

type noClose struct{ *bytes.Reader }

func (noClose) Close() error { return nil }

// big is content that is sent in several pieces.
var big = string(bytes.Repeat([]byte("kubelet "), 64<<10))

// desired is a host with one service, whose program has to be uploaded.
func desired() *state.Desired {
	configuration := "port: 10250\n"
	return &state.Desired{
		Schema: state.Schema, Owner: "cluster-1",
		Files: []state.File{
			{Path: `C:\k\kubelet.exe`, SHA256: state.Digest([]byte(big)), Size: int64(len(big))},
			{Path: `C:\k\kubelet.yaml`, Inline: &configuration, Format: state.FormatText},
		},
		Services: []state.Service{{Name: "kubelet", Program: `C:\k\kubelet.exe`, Arguments: []string{`--config=C:\k\kubelet.yaml`}}},
	}
}

// fixture is a host and an agent for it.
type fixture struct {
	*remotetest.Host
	agent     *remote.Agent
	pool      *ssh.Pool
	directory string

	mu     sync.Mutex
	events []remote.Event
}

func start(t *testing.T, options remotetest.Options) *fixture {
	t.Helper()
	f := &fixture{directory: t.TempDir()}
	options.Directory = f.directory
	var err error
	if f.Host, err = remotetest.Start(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	f.pool = ssh.NewPool(ssh.Options{})
	t.Cleanup(f.pool.Close)
	f.agent = &remote.Agent{Program: program(t, "v1"), Contents: contentsOf(big), Progress: f.note}
	return f
}

func program(t *testing.T, version string) *remote.Program {
	t.Helper()
	p, err := remote.NewProgram(remotetest.Executable(version))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (f *fixture) note(event remote.Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.events = append(f.events, event)
}

// told are the events so far, in a word each. What is told of one upload several times is told once.
func (f *fixture) told() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var words []string
	for _, event := range f.events {
		switch {
		case event.Upload != nil:
			words = append(words, "upload "+event.Upload.What)
		case event.Progress.Plan != nil:
			words = append(words, "plan")
		case event.Progress.Done:
			words = append(words, fmt.Sprintf("%s %s", event.Progress.Action.Verb, event.Progress.Action.ID))
		}
	}
	return slices.Compact(words)
}

// ask has something done with a connection to the host.
func (f *fixture) ask(t *testing.T, do func(context.Context, remote.Conn) (*protocol.Result, error)) (result *protocol.Result, err error) {
	t.Helper()
	err = f.pool.Do(t.Context(), f.Target(), func(ctx context.Context, conn *ssh.Conn) (err error) {
		result, err = do(ctx, conn)
		return err
	})
	return result, err
}

func (f *fixture) apply(t *testing.T, desired *state.Desired) (*protocol.Result, error) {
	t.Helper()
	return f.ask(t, func(ctx context.Context, conn remote.Conn) (*protocol.Result, error) {
		return f.agent.Apply(ctx, conn, desired)
	})
}

func (f *fixture) plan(t *testing.T, desired *state.Desired) (*protocol.Result, error) {
	t.Helper()
	return f.ask(t, func(ctx context.Context, conn remote.Conn) (*protocol.Result, error) {
		return f.agent.Plan(ctx, conn, desired)
	})
}

func (f *fixture) verify(t *testing.T) (*protocol.Result, error) {
	t.Helper()
	return f.ask(t, f.agent.Verify)
}

func (f *fixture) remove(t *testing.T, owner string) (*protocol.Result, error) {
	t.Helper()
	return f.ask(t, func(ctx context.Context, conn remote.Conn) (*protocol.Result, error) {
		return f.agent.Remove(ctx, conn, owner)
	})
}

// outcome fails the test unless a request ended as it should.
func outcome(t *testing.T, want protocol.Outcome, result *protocol.Result, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	if result.Outcome != want {
		t.Fatalf("want %s, got %s: %s", want, result.Outcome, result.Error)
	}
}

// drive is the path of everything that was uploaded to the host and is there now.
func (f *fixture) drive(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(filepath.Join(f.directory, "C:"), func(path string, _ fs.DirEntry, err error) error {
		relative, _ := filepath.Rel(f.directory, path)
		paths = append(paths, relative)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// agents are where versions of the agent are on the host.
func (f *fixture) agents(t *testing.T) []string {
	t.Helper()
	var paths []string
	for _, path := range f.drive(t) {
		if filepath.Base(path) == programs.Name {
			paths = append(paths, strings.ReplaceAll(path, string(filepath.Separator), `\`))
		}
	}
	return paths
}

// damage changes a file that was uploaded.
func (f *fixture) damage(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(f.directory, path), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// machineBefore is what a host is like before anybody came.
func machineBefore() map[string]string { return memhost.New().Snapshot() }
