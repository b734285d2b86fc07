package hostkey

import "fmt"

// MismatchError tells that a host has another key than it should have: it was installed anew, or somebody is in
// between. Trying again is no remedy, so nobody does; an administrator has to compare.
type MismatchError struct {
	Address string
	// Pinned are the keys of which the host should have one, Presented those that it has shown instead.
	Pinned, Presented []Pin
}

func (e *MismatchError) Error() string {
	return fmt.Sprintf("host key of %s does not match: pinned is %s, the host has %s; if it was not installed anew, "+
		"somebody may be intercepting the connection", e.Address, join(e.Pinned), join(e.Presented))
}

// UnknownError tells that there are no grounds to believe a host: nothing was pinned, or its certificate is not good.
type UnknownError struct {
	Address string
	// Presented are the keys that the host has shown.
	Presented []Pin
	// Why the grounds that there are do not suffice.
	Why error
}

func (e *UnknownError) Error() string {
	if len(e.Presented) == 0 {
		return fmt.Sprintf("host key of %s is not known: %v", e.Address, e.Why)
	}
	return fmt.Sprintf("host key of %s is not known: %v; the host has %s", e.Address, e.Why, join(e.Presented))
}

// Unwrap returns why.
func (e *UnknownError) Unwrap() error { return e.Why }
