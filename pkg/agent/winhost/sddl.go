package winhost

import (
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Access lists in Microsoft's Security Descriptor Definition Language, see
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format.
const (
	// sddlAdministrators gives full control (FA) to SYSTEM (SY) and to Administrators (BA); P keeps out what the
	// directory above would pass on.
	sddlAdministrators = "D:P(A;;FA;;;SY)(A;;FA;;;BA)"
	// sddlAdministratorsTree passes this on to files (OI) and directories (CI).
	sddlAdministratorsTree = "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
)

// accessLevel sorts an access list.
func accessLevel(sddl string) state.AccessLevel {
	list, found := discretionary(sddl)
	if !found {
		return state.AccessLevelUnknown
	}
	if list.protected {
		if list.is(sddlAdministrators) || list.is(sddlAdministratorsTree) {
			return state.AccessLevelAdministrators
		}
		return state.AccessLevelOther
	}
	for _, entry := range list.entries {
		if !isInherited(entry) {
			return state.AccessLevelOther
		}
	}
	return state.AccessLevelInherited
}

// accessList is the part of a descriptor that says who may do what.
type accessList struct {
	protected bool
	entries   []string
}

// discretionary finds the part D: of a descriptor; false if there is none, or if it is not a list.
func discretionary(sddl string) (accessList, bool) {
	_, rest, found := strings.Cut(sddl, "D:")
	if !found {
		return accessList{}, false
	}
	flags, rest, _ := strings.Cut(rest, "(")
	list := accessList{protected: strings.Contains(flags, "P")}
	if strings.Contains(flags, "NO_ACCESS_CONTROL") {
		return accessList{entries: []string{flags}}, true // Everybody may do everything: certainly nothing inherited.
	}
	for rest != "" {
		entry, after, closed := strings.Cut(rest, ")")
		if !closed {
			return accessList{}, false
		}
		list.entries = append(list.entries, entry)
		if !strings.HasPrefix(after, "(") {
			break // Another part of the descriptor.
		}
		rest = after[1:]
	}
	return list, true
}

// is tells whether the list has exactly the entries of another one, in any order: entries that only allow have none.
func (l accessList) is(sddl string) bool {
	other, _ := discretionary(sddl)
	return slices.Equal(slices.Sorted(slices.Values(l.entries)), slices.Sorted(slices.Values(other.entries)))
}

// isInherited tells whether an entry, type;flags;rights;…, comes from the directory above.
func isInherited(entry string) bool {
	fields := strings.Split(entry, ";")
	if len(fields) < 2 {
		return false
	}
	flags := fields[1]
	for len(flags) >= 2 {
		if flags[:2] == "ID" {
			return true
		}
		flags = flags[2:]
	}
	return false
}
