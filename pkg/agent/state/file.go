package state

import "github.com/mullion-dev/mullion/pkg/agent/winpath"

// File shall have some content, or some lines. Directories above it that are missing are made, and are ours.
type File struct {
	Path winpath.Path `json:"path"`
	// SHA256 is the digest of the content, in hexadecimal digits. The content itself was uploaded before.
	SHA256 string `json:"sha256,omitzero"`
	// Size is the length of the content with that digest, in bytes.
	Size int64 `json:"size,omitzero"`
	// Inline is the content itself, if it is small and text.
	Inline *string `json:"inline,omitzero"`
	// Lines are lines that have to be in the file. We own these and no others: it is somebody else's file.
	Lines []string `json:"lines,omitzero"`
	// Without are lines of keys that must not be in the file any more, whoever has put them there; see File.Unwanted. What
	// goes does not come back when the host is given back, and then our lines stay in its place.
	Without []string `json:"without,omitzero"`
	// Format says which differences in content do not matter. It is for inline content.
	Format Format `json:"format,omitzero"`
	// LineEnding is written into inline content. Lines follow what the file already has.
	LineEnding LineEnding `json:"lineEnding,omitzero"`
	Access     Access     `json:"access,omitzero"`
	// Secret keeps the content out of plans, results and logs.
	Secret bool `json:"secret,omitzero"`
	After  []ID `json:"after,omitzero"`
}

// Format says how contents are compared.
type Format string

// The formats.
const (
	// FormatBytes compares byte by byte.
	FormatBytes Format = ""
	// FormatText ignores kinds of line endings, how many of them end the file, and a byte order mark.
	FormatText Format = "text"
	// FormatJSON compares values: neither the order of keys nor white space matters.
	FormatJSON Format = "json"
)

// LineEnding is what ends a line.
type LineEnding string

// The line endings.
const (
	LineEndingAsIs LineEnding = ""
	LineEndingLF   LineEnding = "lf"
	LineEndingCRLF LineEnding = "crlf"
)
