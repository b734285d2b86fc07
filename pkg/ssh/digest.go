package ssh

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
)

// errSize tells that a file cannot have the digest, because it has not the size.
var errSize = errors.New("the size differs")

// digest is that of a file on the host. A file of another size is not looked into: errSize.
func (t *transfer) digest(ctx context.Context, name string) (sum [sha256.Size]byte, err error) {
	info, err := t.client.Stat(name)
	if err != nil {
		return sum, err
	}
	if info.Size() != t.upload.Size {
		return sum, fmt.Errorf("%w: it has %d bytes instead of %d", errSize, info.Size(), t.upload.Size)
	}
	if t.upload.Digest != nil {
		return t.upload.Digest(ctx, name)
	}
	file, err := t.client.Open(name)
	if err != nil {
		return sum, err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := file.WriteTo(hash); err != nil {
		return sum, err
	}
	return [sha256.Size]byte(hash.Sum(nil)), nil
}

// checkSource refuses to send what would turn out to be wrong at the other end.
func (t *transfer) checkSource() error {
	hash := sha256.New()
	n, err := io.Copy(hash, io.NewSectionReader(t.upload.Source, 0, t.upload.Size))
	if err != nil {
		return fmt.Errorf("reading what to send: %w", err)
	}
	if n != t.upload.Size {
		return fmt.Errorf("reading what to send: it has %d bytes instead of %d", n, t.upload.Size)
	}
	if sum := [sha256.Size]byte(hash.Sum(nil)); sum != t.upload.SHA256 {
		return &CorruptedError{Of: "what is to be sent", Want: t.upload.SHA256, Got: sum}
	}
	return nil
}
