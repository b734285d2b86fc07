package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"
)

const (
	writeFlags   = os.O_WRONLY | os.O_CREATE
	truncateFlag = os.O_TRUNC
)

const (
	// unsettled is how much of the end of an interrupted file is sent again: what was under way may have arrived in
	// parts.
	unsettled = inFlight
	// sampled is how much before that is compared with the source.
	sampled = 64 << 10
	// abandoned is the age of an interrupted file of which nobody will make more.
	abandoned = 24 * time.Hour
)

// resumeFrom is up to where what an earlier attempt has left is probably good. A power cut can leave a file that is
// long, and zeros at its end; so a sample is compared. This is only to save time: the digest of the whole decides.
func (t *transfer) resumeFrom() (int64, error) {
	info, err := t.client.Stat(t.part)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	from := info.Size() - unsettled
	if info.Size() > t.upload.Size || from < sampled {
		return 0, nil
	}
	good, err := t.sample(from - sampled)
	if err != nil || !good {
		return 0, err
	}
	return from, nil
}

// sample is whether what is at an offset is what should be there.
func (t *transfer) sample(offset int64) (bool, error) {
	file, err := t.client.Open(t.part)
	if err != nil {
		return false, err
	}
	defer file.Close()
	there, want := make([]byte, sampled), make([]byte, sampled)
	if _, err := file.ReadAt(there, offset); err != nil && !errors.Is(err, io.EOF) {
		return false, err
	}
	if _, err := t.upload.Source.ReadAt(want, offset); err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("reading what to send: %w", err)
	}
	return bytes.Equal(there, want), nil
}

// sweep removes what interrupted uploads of other contents of the same file have left, once it is a day older than the
// file that has just been put there: both times are of the host's clock, whatever that shows. That it could not be
// removed is no reason for the upload to be in error.
func (t *transfer) sweep() {
	placed, err := t.client.Stat(t.path)
	if err != nil {
		return
	}
	entries, err := list(t.client, t.sent, path.Dir(t.path))
	if err != nil {
		return
	}
	for _, entry := range entries {
		ours := strings.HasPrefix(entry.Name(), path.Base(t.path)+".") && strings.HasSuffix(entry.Name(), partSuffix) &&
			len(entry.Name()) == len(path.Base(t.part))
		if ours && placed.ModTime().Sub(entry.ModTime()) > abandoned {
			_ = t.client.Remove(path.Join(path.Dir(t.path), entry.Name()))
		}
	}
}
