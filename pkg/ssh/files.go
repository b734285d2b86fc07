package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// ErrTooLarge is what ReadFile answers of a file that is larger than the limit.
var ErrTooLarge = errors.New("the file is too large")

// ErrRefused is what a server has not done and gives no reason for that would mean something to a program.
var ErrRefused = errors.New("the host refuses")

var errIsDirectory = errors.New("it is a directory")

// inFlight is how much of a transfer is under way at once: what fits into the window of a channel, with OpenSSH as with
// this library.
const inFlight = 2 << 20

// Every server has to take requests with 32 KiB, see draft-ietf-secsh-filexfer-02, section 3. OpenSSH's, which has told
// its limits since 8.5, takes 255 KiB; a quarter of the requests costs a fifth less CPU than all of them.
const (
	smallRequest = 32 << 10
	largeRequest = 128 << 10
)

// ReadFile reads a file of at most limit bytes. One that is not there is fs.ErrNotExist, a larger one ErrTooLarge.
func (c *Conn) ReadFile(ctx context.Context, path string, limit int64) ([]byte, error) {
	var content []byte
	err := c.withFiles(ctx, "reading "+path, c.options.transfer(limit), func(_ context.Context, client *sftp.Client) error {
		name, err := remotePath(path)
		if err != nil {
			return err
		}
		file, err := client.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		content, err = io.ReadAll(io.LimitReader(file, limit+1))
		if err == nil && int64(len(content)) > limit {
			return fmt.Errorf("%w: it has more than %d bytes", ErrTooLarge, limit)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return content, nil
}

// FileSize is how large a file is, in bytes. One that is not there is fs.ErrNotExist.
func (c *Conn) FileSize(ctx context.Context, path string) (int64, error) {
	var size int64
	err := c.withFiles(ctx, "looking at "+path, c.options.transfer(0), func(_ context.Context, client *sftp.Client) error {
		name, err := remotePath(path)
		if err != nil {
			return err
		}
		info, err := client.Lstat(name)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			return errors.New("it is not a file")
		}
		size = info.Size()
		return nil
	})
	return size, err
}

// Remove removes a file, or a link. One that is not there is fs.ErrNotExist; a directory stays, even an empty one.
func (c *Conn) Remove(ctx context.Context, path string) error {
	return c.removing(ctx, path, func(client *sftp.Client, name string) error {
		// The library's Remove goes on to remove a directory when the server says that it is not a file.
		info, err := client.Lstat(name)
		if err != nil {
			return err
		}
		if info.IsDir() {
			return errIsDirectory
		}
		return client.Remove(name)
	})
}

// RemoveDirectory removes an empty directory. One that is not there is fs.ErrNotExist. That something is in it is
// ErrRefused, together with every other reason that a server may have: SFTP cannot tell them apart.
func (c *Conn) RemoveDirectory(ctx context.Context, path string) error {
	return c.removing(ctx, path, func(client *sftp.Client, name string) error {
		err := client.RemoveDirectory(name)
		if refused := (*sftp.StatusError)(nil); errors.As(err, &refused) {
			return fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return err
	})
}

func (c *Conn) removing(ctx context.Context, path string, remove func(client *sftp.Client, name string) error) error {
	return c.withFiles(ctx, "removing "+path, c.options.transfer(0), func(_ context.Context, client *sftp.Client) error {
		name, err := remotePath(path)
		if err != nil {
			return err
		}
		return remove(client, name)
	})
}

// withFiles does work with files in an SFTP session, which ends with it.
func (c *Conn) withFiles(ctx context.Context, doing string, timeout time.Duration, work func(context.Context, *sftp.Client) error) error {
	return c.withSession(ctx, doing, timeout, func(ctx context.Context, client *sftp.Client, _ *inbound) error { return work(ctx, client) })
}

// withSession is withFiles for work that minds how much the server sends.
func (c *Conn) withSession(
	ctx context.Context, doing string, timeout time.Duration, work func(context.Context, *sftp.Client, *inbound) error,
) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	session, err := c.session(ctx)
	if err != nil {
		return c.explain(ctx, doing, began, err)
	}
	err = c.during(ctx, func() { _ = session.Close() }, func() error {
		defer session.Close()
		stdin, err := session.StdinPipe()
		if err != nil {
			return fmt.Errorf("opening SFTP: %w", err)
		}
		stdout, err := session.StdoutPipe()
		if err != nil {
			return fmt.Errorf("opening SFTP: %w", err)
		}
		if err := session.RequestSubsystem("sftp"); err != nil {
			return fmt.Errorf("opening SFTP: %w", err)
		}
		sent := &inbound{Reader: stdout}
		client, err := newClient(sent, stdin)
		if err != nil {
			return fmt.Errorf("opening SFTP: %w", err)
		}
		defer client.Close()
		return work(ctx, client, sent)
	})
	return c.explain(ctx, doing, began, err)
}

// newClient greets the server, and lets requests be as large as it takes.
func newClient(stdout io.Reader, stdin io.WriteCloser) (*sftp.Client, error) {
	client, err := sftp.NewClientPipe(stdout, stdin, sftp.UseConcurrentWrites(true))
	if err != nil {
		return nil, err
	}
	size := smallRequest
	if _, supported := client.HasExtension("limits@openssh.com"); supported {
		size = largeRequest
	}
	for _, option := range []sftp.ClientOption{sftp.MaxPacketUnchecked(size), sftp.MaxConcurrentRequestsPerFile(inFlight / size)} {
		if err := option(client); err != nil {
			_ = client.Close()
			return nil, err
		}
	}
	return client, nil
}

// remotePath is an absolute path as SFTP has it: C:/k/kubelet.exe.
func remotePath(path string) (string, error) {
	slashed := strings.ReplaceAll(path, `\`, "/")
	rest := slashed
	if drive, after, found := strings.Cut(slashed, ":"); found && len(drive) == 1 && consistsOf(drive, "") {
		rest = after
	}
	switch {
	case !strings.HasPrefix(rest, "/"):
		return "", fmt.Errorf("path %q: %w", path, errRelative)
	case strings.HasSuffix(rest, "/"):
		return "", fmt.Errorf("path %q: it is that of a directory", path)
	case strings.Contains(rest+"/", "/../") || strings.Contains(rest+"/", "/./"):
		return "", fmt.Errorf("path %q: it has a . or .. in it", path)
	case strings.ContainsAny(rest, `<>:"|?*`) || strings.ContainsFunc(rest, func(r rune) bool { return r < ' ' }):
		return "", fmt.Errorf("path %q: it has characters that Windows does not allow in names", path)
	default:
		return slashed, nil
	}
}
