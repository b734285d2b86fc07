package winhost

// UnavailableError says why there can be no Windows hosts on this machine, and what an operator may do about it.
type UnavailableError struct {
	Reason string
	Advice string
}

func (e *UnavailableError) Error() string {
	return "no Windows hosts on this machine: " + e.Reason + " (" + e.Advice + ")"
}
