package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// Contents finds content that desired states name by digest, such as a cache of node bundles. It is safe for concurrent
// use.
type Contents interface {
	// Open opens the content with a SHA-256, in hexadecimal digits. What is not known is fs.ErrNotExist.
	Open(ctx context.Context, sha256 string) (Content, error)
}

// Content is content that can be read from anywhere, to resume where an upload broke off.
type Content interface {
	io.ReaderAt
	io.Closer
}

// shownDigits is how much of a digest a person is shown.
const shownDigits = 16

// upload brings content to where the agent looks for it.
func (a *Agent) upload(ctx context.Context, conn Conn, missing state.Content) error {
	digest, err := hex.DecodeString(missing.SHA256)
	upload := ssh.Upload{Size: missing.Size, Path: store.New(nil, store.DefaultRoot).ContentPath(missing.SHA256).String()}
	if err != nil || len(digest) != len(upload.SHA256) {
		return fmt.Errorf("the agent asks for content %q, which is no SHA-256", missing.SHA256)
	}
	copy(upload.SHA256[:], digest)
	if a.Contents == nil {
		return fmt.Errorf("finding content %s: there is no content to choose from", missing.SHA256)
	}
	content, err := a.Contents.Open(ctx, missing.SHA256)
	if err != nil {
		return fmt.Errorf("finding content %s: %w", missing.SHA256, err)
	}
	defer content.Close()
	upload.Source = content
	upload.Digest = func(ctx context.Context, path string) ([sha256.Size]byte, error) { return a.digest(ctx, conn, path) }
	upload.Progress = func(done int64) {
		a.tell(Event{Upload: &Upload{What: missing.SHA256[:shownDigits], Done: done, Size: missing.Size}})
	}
	if _, err := conn.Upload(ctx, upload); err != nil {
		return fmt.Errorf("bringing content %s to the host: %w", missing.SHA256, err)
	}
	return nil
}
