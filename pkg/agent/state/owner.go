package state

import (
	"slices"
	"strings"
)

// OwnerOf is the owner that a security descriptor in Microsoft's notation names, as a SID or its two letters; empty if it
// names none. See https://learn.microsoft.com/windows/win32/secauthz/security-descriptor-string-format.
func OwnerOf(sddl string) string {
	rest, named := strings.CutPrefix(sddl, "O:")
	if !named {
		return ""
	}
	// The next part is called by a letter and a colon; no SID has either.
	if colon := strings.IndexByte(rest, ':'); colon >= 0 {
		return rest[:max(0, colon-1)]
	}
	return rest
}

// TrustedOwner tells whether the owner that a descriptor names is SYSTEM, Administrators, or TrustedInstaller, which owns
// what Windows is made of. Whoever else owns something can change its access list at any time, whatever is in it.
func TrustedOwner(sddl string) bool {
	// Source: https://learn.microsoft.com/windows/win32/secauthz/sid-strings; the last is TrustedInstaller on every host.
	trusted := []string{
		"SY", "S-1-5-18", "BA", "S-1-5-32-544",
		"S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
	}
	return slices.Contains(trusted, OwnerOf(sddl))
}
