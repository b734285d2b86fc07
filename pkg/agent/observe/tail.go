package observe

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Tail reads the end of a file, at most so many bytes, from the beginning of a line on: half a line may have half a secret
// in it, which nobody would recognize. What is not UTF-8 is left out.
func Tail(ctx context.Context, files host.FileSystem, path winpath.Path, limit int) (string, error) {
	file, err := files.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	t := tail{limit: limit}
	if _, err := io.Copy(&t, ContextReader(ctx, file)); err != nil {
		return "", fmt.Errorf("reading %s: %w", path, err)
	}
	text := strings.ToValidUTF8(string(t.bytes), "")
	if t.cut {
		_, text, _ = strings.Cut(text, "\n")
	}
	return text, nil
}

// tail keeps the end of what is written to it.
type tail struct {
	limit int
	bytes []byte
	cut   bool
}

func (t *tail) Write(data []byte) (int, error) {
	t.bytes = append(t.bytes, data...)
	if surplus := len(t.bytes) - t.limit; surplus > 0 {
		t.bytes, t.cut = slices.Delete(t.bytes, 0, surplus), true
	}
	return len(data), nil
}
