package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// UntrustedError is something of the store that others than administrators could have written. It is not believed: the
// agent does what it says with the rights of the system.
type UntrustedError struct {
	Path winpath.Path
	// SDDL is its owner and access list.
	SDDL string
}

func (e *UntrustedError) Error() string {
	return fmt.Sprintf("others than SYSTEM and Administrators own %s or may write to it (%s), so what is there is not "+
		"believed: find out who allowed that, and whether it is what it was; then take the access back, or delete it", e.Path, e.SDDL)
}

// trust returns an *UntrustedError if a file, or the directory that it is in, could have been written by others. What is
// not there is fs.ErrNotExist.
func (s *Store) trust(ctx context.Context, file winpath.Path) error {
	for _, path := range []winpath.Path{file, s.root} {
		access, err := s.files.Access(ctx, path)
		if err != nil {
			return fmt.Errorf("reading access of %s: %w", path, err)
		}
		if letsOthersWrite(access) {
			return &UntrustedError{Path: path, SDDL: access.SDDL}
		}
	}
	return nil
}

// trustAll is trust of whichever of the files are there.
func (s *Store) trustAll(ctx context.Context, files ...winpath.Path) error {
	for _, file := range files {
		if err := s.trust(ctx, file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// letsOthersWrite tells whether anybody but SYSTEM, Administrators and Windows' installer may change what an access is
// of, or the access itself, which its owner may without being in the list. A drive that keeps no lists says nothing,
// and is believed: there is nothing else to go by.
//
// The notation is that of https://learn.microsoft.com/windows/win32/secauthz/ace-strings.
func letsOthersWrite(access state.AccessState) bool {
	switch access.Level {
	case state.AccessLevelUnknown, state.AccessLevelAdministrators:
		return false
	}
	if !state.TrustedOwner(access.SDDL) {
		return true
	}
	_, list, found := strings.Cut(access.SDDL, "D:")
	if !found || strings.Contains(list, "NO_ACCESS_CONTROL") {
		return true // No list is no limit.
	}
	for entry := range strings.SplitSeq(list, "(") {
		entry, _, isEntry := strings.Cut(entry, ")")
		if isEntry && entryLetsOthersWrite(strings.Split(entry, ";")) {
			return true
		}
	}
	return false
}

// entryLetsOthersWrite looks at type, flags, rights, two that say which kind of object is meant, and who.
func entryLetsOthersWrite(fields []string) bool {
	const entryFields = 6
	if len(fields) < entryFields {
		return true // What is not understood may be anything.
	}
	kind, flags, rights, who := fields[0], fields[1], fields[2], fields[5]
	switch {
	case kind == "D" || kind == "XD":
		return false // It takes rights away.
	case hasPair(flags, "IO"):
		return false // It is for what is below, and not for this.
	case who == "SY" || who == "BA" || who == "S-1-5-18" || who == "S-1-5-32-544":
		return false
	}
	return writes(rights)
}

// hasPair tells whether a text of pairs of letters has one.
func hasPair(text, pair string) bool {
	for ; len(text) >= 2; text = text[2:] {
		if text[:2] == pair {
			return true
		}
	}
	return false
}

// readOnly are the rights to read and execute a file, to list a directory, and to read either's access list and
// attributes; also as they are called generically.
const readOnly = 0x00000001 | 0x00000008 | 0x00000020 | 0x00000080 | 0x00020000 | 0x00100000 | 0x80000000 | 0x20000000

// writes tells whether rights, a number or pairs of letters, are more than to read. Letters that are not known are.
func writes(rights string) bool {
	if number, isNumber := strings.CutPrefix(strings.ToLower(rights), "0x"); isNumber {
		mask, err := strconv.ParseUint(number, 16, 32)
		return err != nil || mask&^readOnly != 0
	}
	for ; len(rights) >= 2; rights = rights[2:] {
		switch rights[:2] {
		case "FR", "FX", "GR", "GX", "RC", "CC", "SW", "WP", "LO": // The last four are those of the bits 0, 3, 5 and 7.
		default:
			return true
		}
	}
	return rights != ""
}
