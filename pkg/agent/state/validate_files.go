package state

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

func (d Directory) validate() error {
	if d.Path == "" || d.Path.IsRoot() {
		return errors.New("needs a path below a drive")
	}
	return d.Access.validate()
}

func (a Access) validate() error {
	if a != AccessInherited && a != AccessAdministrators {
		return fmt.Errorf("has the unknown access %q", a)
	}
	return nil
}

func (f File) validate() error {
	sources := 0
	for _, given := range []bool{f.SHA256 != "", f.Inline != nil, len(f.Lines) > 0} {
		if given {
			sources++
		}
	}
	switch {
	case f.Path == "" || f.Path.IsRoot():
		return errors.New("needs a path below a drive")
	case sources != 1:
		return errors.New("needs exactly one of sha256, inline and lines")
	case f.Size < 0 || f.Size > 0 && f.SHA256 == "":
		return errors.New("has a size that does not belong to a digest")
	case f.Inline == nil && (f.Format != FormatBytes || f.LineEnding != LineEndingAsIs):
		return errors.New("has a format or line ending, which are for inline content")
	}
	if err := errors.Join(f.Access.validate(), f.validateWithout()); err != nil {
		return err
	}
	switch {
	case f.SHA256 != "":
		return checkDigest(f.SHA256)
	case f.Inline != nil:
		return f.validateInline(*f.Inline)
	default:
		return checkEntries(f.Lines, "\n")
	}
}

func (f File) validateInline(content string) error {
	switch f.Format {
	case FormatBytes, FormatText, FormatJSON:
	default:
		return fmt.Errorf("has the unknown format %q", f.Format)
	}
	switch f.LineEnding {
	case LineEndingAsIs, LineEndingLF, LineEndingCRLF:
	default:
		return fmt.Errorf("has the unknown line ending %q", f.LineEnding)
	}
	switch {
	case len(content) > MaxInline:
		return fmt.Errorf("has inline content of more than %d bytes", MaxInline)
	case !utf8.ValidString(content):
		return errors.New("has inline content that is not UTF-8")
	case f.Format == FormatJSON && !jsontext.Value(content).IsValid():
		return errors.New("has the format json, but its inline content is not")
	}
	return nil
}

func checkDigest(digest string) error {
	if raw, err := hex.DecodeString(digest); err != nil || len(raw) != 32 || strings.ToLower(digest) != digest {
		return fmt.Errorf("has the digest %q, which is not 64 lower-case hexadecimal digits", digest)
	}
	return nil
}
