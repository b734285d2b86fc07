package app

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

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
