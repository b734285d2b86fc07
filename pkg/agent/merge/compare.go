package merge

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Rendered is inline content as it is written: with the line endings that are asked for.
func Rendered(file state.File) []byte {
	if file.Inline == nil {
		return nil
	}
	content := *file.Inline
	if file.LineEnding == state.LineEndingAsIs {
		return []byte(content)
	}
	content = strings.ReplaceAll(content, "\r\n", "\n")
	if file.LineEnding == state.LineEndingCRLF {
		content = strings.ReplaceAll(content, "\n", "\r\n")
	}
	return []byte(content)
}

// Same tells whether two contents are the same as far as the format cares.
func Same(format state.Format, a, b []byte) bool {
	switch format {
	case state.FormatText:
		return bytes.Equal(plainText(a), plainText(b))
	case state.FormatJSON:
		return bytes.Equal(canonicalJSON(a), canonicalJSON(b))
	default:
		return bytes.Equal(a, b)
	}
}

// plainText is text without what editors on Windows and Linux disagree about.
func plainText(content []byte) []byte {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	content = bytes.ReplaceAll(content, []byte("\r\n"), []byte("\n"))
	return bytes.TrimRight(content, "\n")
}

// canonicalJSON is the form of RFC 8785; content that is no JSON stays as it is.
func canonicalJSON(content []byte) []byte {
	value := jsontext.Value(bytes.Clone(bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))))
	if err := value.Canonicalize(); err != nil {
		return content
	}
	return value
}
