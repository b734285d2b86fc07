package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/programs"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

const (
	// settleTimeout is how long a directory may have a file that is about to be gone, and settleInterval how often we look.
	settleTimeout  = 10 * time.Second
	settleInterval = 200 * time.Millisecond
)

// Program is the agent's executable. It is safe for concurrent use if its source is.
type Program struct {
	source io.ReaderAt
	size   int64
	sha256 [sha256.Size]byte
}

// NewProgram makes a program of its content.
func NewProgram(content []byte) (*Program, error) {
	if !bytes.HasPrefix(content, []byte("MZ")) {
		return nil, errors.New("the agent's executable is no program for Windows")
	}
	return &Program{bytes.NewReader(content), int64(len(content)), sha256.Sum256(content)}, nil
}

// Path is where the program is on a host.
func (p *Program) Path() string { return programs.Path(p.digest()).String() }

func (p *Program) digest() string { return hex.EncodeToString(p.sha256[:]) }

// ensure brings the program to the host unless it is there. Its name stands for its content: an upload gives it that name
// only when it has verified what the disk has, and nobody but administrators can change it afterwards. So a host that has
// it costs one question, not the program read back.
func (p *Program) ensure(ctx context.Context, conn Conn, progress func(Event)) error {
	size, err := conn.FileSize(ctx, p.Path())
	if err == nil && size == p.size {
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("looking for the agent: %w", err)
	}
	_, err = conn.Upload(ctx, ssh.Upload{
		Source: p.source, Size: p.size, SHA256: p.sha256, Path: p.Path(),
		Progress: func(done int64) { progress(Event{Upload: &Upload{What: "the agent", Done: done, Size: p.size}}) },
	})
	if err != nil {
		return fmt.Errorf("bringing the agent to the host: %w", err)
	}
	return nil
}

// remove takes the program off the host, with the directories that were made for it. Those stay in which there is
// something else, such as another version that runs: all others the agent has removed. Windows keeps the name of a file
// that was deleted until the last who has it open closes it, and that may be a scanner, or a process that is just ending;
// hence the patience.
func (p *Program) remove(ctx context.Context, conn Conn) error {
	if err := conn.Remove(ctx, p.Path()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	deadline := time.Now().Add(settleTimeout)
	for _, directory := range []winpath.Path{programs.Directory(p.digest()), programs.Root} {
		err := conn.RemoveDirectory(ctx, directory.String())
		for errors.Is(err, ssh.ErrRefused) && time.Now().Before(deadline) && sleep(ctx, settleInterval) {
			err = conn.RemoveDirectory(ctx, directory.String())
		}
		if err != nil && !errors.Is(err, ssh.ErrRefused) && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// sleep tells whether it has slept to its end.
func sleep(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
