package authority

import (
	"time"
)

// State is everything that the replicas share about their authority. It is immutable.
type State struct {
	// Signing signs the serving certificates.
	Signing *CA
	// Next will sign once it is trusted everywhere. Nil except while a CA is being renewed.
	Next *CA
	// RetireAfter is when the last serving certificate of any CA before Signing has expired: until then
	// those CAs must stay trusted. Zero where it is not known, which means: keep them.
	RetireAfter time.Time
}

// Trusted lists the CAs that clients of the serving certificates must trust: signing first.
func (s *State) Trusted() Bundle {
	bundle := Bundle{s.Signing.Certificate}
	if s.Next != nil {
		bundle = append(bundle, s.Next.Certificate)
	}
	return bundle
}
