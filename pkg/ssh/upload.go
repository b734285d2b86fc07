package ssh

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"time"

	"github.com/pkg/sftp"
)

// Upload is a file to be had on a host. It appears there whole and verified, or not at all: it is sent under another
// name, beside its place, and renamed over what is there when its digest has been found right on the host.
type Upload struct {
	// Source has exactly Size bytes with the digest SHA256.
	Source io.ReaderAt
	Size   int64
	SHA256 [sha256.Size]byte
	// Path on the host, absolute: C:\k\kubelet.exe or C:/k/kubelet.exe. Its directory is made if it is not there.
	Path string
	// Digest finds the SHA-256 of a file on the host, there; fs.ErrNotExist if it is not there. The path is as SFTP
	// has it, C:/k/kubelet.exe. If Digest is nil, the file is read back over SFTP: this needs no program on the host,
	// costs as much traffic as sending it, and is how the first program gets there.
	Digest func(ctx context.Context, path string) ([sha256.Size]byte, error)
	// Progress, if not nil, is called now and then with how much of Size has been sent.
	Progress func(done int64)
	// Timeout follows from Options.SlowestRate if it is 0.
	Timeout time.Duration
}

// Uploaded is what an upload took.
type Uploaded struct {
	// Skipped is whether the file was there.
	Skipped bool
	// Resumed is how much an earlier attempt had sent, in bytes, and Sent how much this one has.
	Resumed, Sent int64
}

// Upload brings a file to the host. A connection that is lost, or a context that ends, leaves what was sent, and the
// next attempt goes on from there; so may another process. Any other error removes it. A running program cannot be
// replaced on Windows: then the error is fs.ErrPermission.
func (c *Conn) Upload(ctx context.Context, upload Upload) (Uploaded, error) {
	name, err := remotePath(upload.Path)
	if err != nil {
		return Uploaded{}, err
	}
	timeout := upload.Timeout
	if timeout <= 0 {
		timeout = c.options.transfer(2 * upload.Size) // It may have to be read back.
	}
	t := &transfer{
		upload: &upload,
		path:   name,
		part:   name + "." + hex.EncodeToString(upload.SHA256[:8]) + partSuffix,
	}
	err = c.withSession(ctx, "uploading "+upload.Path, timeout, func(ctx context.Context, client *sftp.Client, sent *inbound) error {
		t.client, t.sent = client, sent
		return t.run(ctx)
	})
	return t.done, err
}

// transfer is one upload in one SFTP session.
type transfer struct {
	upload *Upload
	client *sftp.Client
	// sent is what the server sends.
	sent *inbound
	// path is where the file is to be, and part where it is while it is being sent. The name has a part of the digest:
	// what is found under it is of the same file.
	path, part string
	done       Uploaded
}

const partSuffix = ".part"

func (t *transfer) run(ctx context.Context) error {
	if _, supported := t.client.HasExtension("posix-rename@openssh.com"); !supported {
		return errors.New("the SFTP server cannot replace a file atomically: it has no posix-rename@openssh.com")
	}
	sum, err := t.digest(ctx, t.path)
	switch {
	case err == nil && sum == t.upload.SHA256:
		t.done.Skipped = true
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errSize):
		return fmt.Errorf("looking at what is there: %w", err)
	}
	if err := t.checkSource(); err != nil {
		return err
	}
	if err := t.client.MkdirAll(path.Dir(t.path)); err != nil {
		return fmt.Errorf("making its directory: %w", err)
	}
	if err := t.replace(ctx); err != nil {
		if !lost(err) && ctx.Err() == nil {
			_ = t.client.Remove(t.part)
		}
		return err
	}
	t.sweep()
	return nil
}

// replace sends the file, verifies it and puts it in its place.
func (t *transfer) replace(ctx context.Context) error {
	from, err := t.resumeFrom()
	if err != nil {
		return fmt.Errorf("looking at what was sent before: %w", err)
	}
	err = t.sendVerified(ctx, from)
	if corrupted := (*CorruptedError)(nil); from > 0 && errors.As(err, &corrupted) {
		err = t.sendVerified(ctx, 0) // What was there was not the beginning of it, after all.
	}
	if err != nil {
		return err
	}
	if err := t.client.PosixRename(t.part, t.path); err != nil {
		return fmt.Errorf("replacing what is there: %w", err)
	}
	return nil
}

func (t *transfer) sendVerified(ctx context.Context, from int64) error {
	t.done.Resumed = from
	if err := t.send(from); err != nil {
		return fmt.Errorf("sending it: %w", err)
	}
	sum, err := t.digest(ctx, t.part)
	if err != nil {
		return fmt.Errorf("verifying it: %w", err)
	}
	if sum != t.upload.SHA256 {
		return &CorruptedError{Of: "what has arrived", Want: t.upload.SHA256, Got: sum}
	}
	return nil
}

// send writes the file from an offset on, which is where what is there ends, or is no good any more.
func (t *transfer) send(from int64) error {
	flags := writeFlags
	if from == 0 {
		flags |= truncateFlag
	}
	file, err := t.client.OpenFile(t.part, flags)
	if err != nil {
		return err
	}
	// Windows renames no open file: it is closed here, and only here.
	err = t.write(file, from)
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

func (t *transfer) write(file *sftp.File, from int64) error {
	if _, err := file.Seek(from, io.SeekStart); err != nil {
		return err
	}
	rest := &section{SectionReader: io.NewSectionReader(t.upload.Source, from, t.upload.Size-from), from: from, progress: t.upload.Progress}
	sent, err := file.ReadFrom(rest)
	t.done.Sent += sent
	if err != nil {
		return err
	}
	if _, supported := t.client.HasExtension("fsync@openssh.com"); supported {
		return file.Sync()
	}
	return nil
}

// section is the rest of the source. The library asks it for its size, to know whether to write concurrently.
type section struct {
	*io.SectionReader
	from     int64
	progress func(int64)
}

func (s *section) Read(buffer []byte) (int, error) {
	n, err := s.SectionReader.Read(buffer)
	if s.from += int64(n); s.progress != nil && n > 0 {
		s.progress(s.from)
	}
	return n, err
}
