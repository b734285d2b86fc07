package nodeconfig

import "github.com/mullion-dev/mullion/pkg/agent/state"

// buildLogin lets the node manager log in with the keys that it has now. Only these lines of the file are ours: an
// administrator's own stay. A key that was retired goes, also where whoever installed the host has written it. OpenSSH
// ignores the file unless nobody but administrators may write it.
func (b *builder) buildLogin() {
	if len(b.host.AuthorizedKeys) == 0 {
		return
	}
	b.desired.Files = append(b.desired.Files, state.File{
		Path: authorizedKeys, Lines: b.host.AuthorizedKeys, Without: b.host.RetiredKeys,
		Access: state.AccessAdministrators,
	})
}
