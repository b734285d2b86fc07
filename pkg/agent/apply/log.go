package apply

import (
	"context"
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/observe"
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
	text, err := observe.Tail(ctx, r.Host.Files, path, maxTailBytes)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-maxTailLines):], "\n")
}

func withLog(err error, path winpath.Path, tail string) error {
	if tail == "" {
		return err
	}
	return fmt.Errorf("%w; its log %s ends with:\n%s", err, path, tail)
}
