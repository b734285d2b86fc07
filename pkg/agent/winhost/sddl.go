package winhost

import (
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Owners and access lists in Microsoft's Security Descriptor Definition Language, see
// https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format.
const (
	// sddlOwner makes Administrators (BA) the owner, and leaves the list to the directory above.
	sddlOwner = "O:BA"
	// sddlAdministrators gives full control (FA) to SYSTEM (SY) and to Administrators, who own it; P keeps out what the
	// directory above would pass on.
	sddlAdministrators = sddlOwner + "D:P(A;;FA;;;SY)(A;;FA;;;BA)"
	// sddlAdministratorsTree passes this on to files (OI) and directories (CI).
	sddlAdministratorsTree = sddlOwner + "D:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
	// sddlInherited has nothing of its own in its list.
	sddlInherited = sddlOwner + "D:AI"
)

// accessLevel sorts an owner and an access list. An owner can always change the list, so it counts like an entry.
func accessLevel(sddl string) state.AccessLevel {
	list, found := discretionary(sddl)
	switch {
	case !found:
		return state.AccessLevelUnknown
	case !state.TrustedOwner(sddl):
		return state.AccessLevelOther
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

// settable is what has to be set of an access, for a directory or a file. Who owns it is part of what is set: of another
// level than other it is Administrators, unless what is given back was SYSTEM's or the installer's of Windows.
func settable(access state.AccessState, directory bool) (sddl string, known bool) {
	switch access.Level {
	case state.AccessLevelOther:
		return access.SDDL, true
	case state.AccessLevelInherited:
		sddl = sddlInherited
	case state.AccessLevelAdministrators:
		sddl = sddlAdministrators
		if directory {
			sddl = sddlAdministratorsTree
		}
	default:
		return "", false
	}
	if state.TrustedOwner(access.SDDL) {
		sddl = "O:" + state.OwnerOf(access.SDDL) + strings.TrimPrefix(sddl, sddlOwner)
	}
	return sddl, true
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
