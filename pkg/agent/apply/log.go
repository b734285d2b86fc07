package apply

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// How much of a log becomes part of an error.
const (
	maxTailBytes = 4 << 10
	maxTailLines = 20
)

// logTail is the end of a service's log; empty if it has none, or it cannot be read: it is only there to help.
func (r *runner) logTail(ctx context.Context, path winpath.Path) string {
	if path == "" {
		return ""
	}
	log, err := r.Host.Files.Open(ctx, path)
	if err != nil {
		return ""
	}
	defer log.Close()
	tail := tailWriter{}
	if _, err := io.Copy(&tail, observe.ContextReader(ctx, log)); err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(strings.ToValidUTF8(string(tail.bytes), "")), "\n")
	if tail.cut && len(lines) > 1 {
		lines = lines[1:] // Half a line may have half a secret in it, which nobody would recognize.
	}
	return strings.Join(lines[max(0, len(lines)-maxTailLines):], "\n")
}

// tailWriter keeps the last bytes.
type tailWriter struct {
	bytes []byte
	cut   bool
}

func (t *tailWriter) Write(data []byte) (int, error) {
	t.bytes = append(t.bytes, data...)
	if surplus := len(t.bytes) - maxTailBytes; surplus > 0 {
		t.bytes, t.cut = slices.Delete(t.bytes, 0, surplus), true
	}
	return len(data), nil
}

func withLog(err error, path winpath.Path, tail string) error {
	if tail == "" {
		return err
	}
	return fmt.Errorf("%w; its log %s ends with:\n%s", err, path, tail)
}

// redactor takes the secrets of a desired state out of text. Short values are left, or the text would be unreadable;
// a secret of four characters is none.
func redactor(desired *state.Desired) func(string) string {
	if desired == nil {
		return func(text string) string { return text }
	}
	var secrets []string
	for _, secret := range desired.Secrets() {
		for line := range strings.Lines(secret) {
			if line = strings.TrimSpace(line); len(line) > 4 {
				secrets = append(secrets, line)
			}
		}
	}
	// The longer one first, or what it has in common with a shorter one would be all that is taken out of it.
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(secrets))
	for _, secret := range secrets {
		pairs = append(pairs, secret, "(secret)")
	}
	return strings.NewReplacer(pairs...).Replace
}
