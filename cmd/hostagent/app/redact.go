package app

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// tailSize is how much of a file becomes part of a support bundle, in bytes.
const tailSize = 256 << 10

// readTail reads the end of a file, from the beginning of a line on: half a line may have half a secret in it, which
// nobody would recognize.
func readTail(ctx context.Context, files host.FileSystem, path winpath.Path) (string, error) {
	file, err := files.Open(ctx, path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	t := tail{}
	if _, err := io.Copy(&t, observe.ContextReader(ctx, file)); err != nil {
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
	bytes []byte
	cut   bool
}

func (t *tail) Write(data []byte) (int, error) {
	t.bytes = append(t.bytes, data...)
	if surplus := len(t.bytes) - tailSize; surplus > 0 {
		t.bytes, t.cut = slices.Delete(t.bytes, 0, surplus), true
	}
	return len(data), nil
}

// redactor takes the secrets of a desired state out of text, line by line, since a log shows no more of a file at once.
// A secret of four characters is none, and taking it out would leave no text.
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
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, secret := range secrets {
		pairs = append(pairs, secret, "(secret)")
	}
	return strings.NewReplacer(pairs...).Replace
}

// redactDocument takes values out of a manifest, or out of the lines of a journal: they are what was on the host before
// us, and nobody knows which of them are secret. Two that are equal stay equal.
func redactDocument(text string) string {
	var redacted strings.Builder
	for line := range strings.Lines(text) {
		var document any
		if err := json.Unmarshal([]byte(line), &document); err != nil {
			fmt.Fprintf(&redacted, "(%d bytes that are no document)\n", len(line))
			continue
		}
		encoded, err := json.Marshal(withoutValues(document))
		if err != nil {
			continue // What was decoded can be encoded.
		}
		redacted.Write(append(encoded, '\n'))
	}
	return redacted.String()
}

// withoutValues hides what is below the names that stand for values in a manifest.
func withoutValues(document any) any {
	switch document := document.(type) {
	case map[string]any:
		for name, value := range document {
			switch name {
			case "text", "texts", "bytes", "number", "environment", "entries":
				document[name] = hidden(value)
			default:
				document[name] = withoutValues(value)
			}
		}
	case []any:
		for i, value := range document {
			document[i] = withoutValues(value)
		}
	}
	return document
}

func hidden(value any) any {
	if list, isList := value.([]any); isList {
		for i, one := range list {
			list[i] = hidden(one)
		}
		return list
	}
	return state.Shown(fmt.Sprint(value), true)
}
