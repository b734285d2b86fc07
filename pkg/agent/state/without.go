package state

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Unwanted tells whether a line has the key of one of Without: the two words that such a line begins with, which are the
// key's type and the key. Options may come before them, and any comment after; a line that is a comment has none.
//
// The format is that of authorized_keys, see https://man.openbsd.org/sshd#AUTHORIZED_KEYS_FILE_FORMAT.
func (f File) Unwanted(line string) bool {
	words := strings.Fields(strings.TrimPrefix(line, "\ufeff"))
	if len(words) == 0 || strings.HasPrefix(words[0], "#") {
		return false
	}
	return slices.ContainsFunc(f.Without, func(unwanted string) bool {
		key := strings.Fields(unwanted)
		for i := range len(words) - 1 {
			if len(key) > 1 && words[i] == key[0] && words[i+1] == key[1] {
				return true
			}
		}
		return false
	})
}

// validateWithout refuses what would take out a line that has to be there: the host may be logged in to by nothing else.
func (f File) validateWithout() error {
	if len(f.Without) == 0 {
		return nil
	}
	if len(f.Lines) == 0 {
		return errors.New("has lines that must not be there, and none that have to be")
	}
	if err := checkEntries(f.Without, "\n"); err != nil {
		return fmt.Errorf("without: %w", err)
	}
	for _, line := range f.Without {
		if words := strings.Fields(line); len(words) < 2 || strings.HasPrefix(words[0], "#") {
			return errors.New("has something else than a key's type and the key to be without")
		}
	}
	if slices.ContainsFunc(f.Lines, f.Unwanted) {
		return errors.New("has the same key in lines, which have to be there, and in without, which must not")
	}
	return nil
}
