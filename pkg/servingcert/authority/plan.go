package authority

import (
	"crypto/x509"
	"errors"
	"time"
)

// ErrNotYetValid means that the signing CA begins in the future: some replica's clock is wrong. Nothing is
// replaced then, because replicas with different clocks would replace each other's CA for ever.
var ErrNotYetValid = errors.New("the signing CA is not valid yet; is a clock wrong?")

// Step names what happened, or has to happen, to an authority.
type Step string

// The steps of an authority's life.
const (
	StepNone    Step = ""        // the authority stays as it is
	StepCreate  Step = "create"  // there is none: make one
	StepReplace Step = "replace" // it cannot be read, or has expired with no successor: make another
	StepStage   Step = "stage"   // two thirds of its life have passed: make the next one, do not use it yet
	StepPromote Step = "promote" // the next one is trusted: let it sign
)

// Issuer makes authorities and decides when they change hands.
type Issuer struct {
	// Name begins the subject of every CA.
	Name string
	// CALifetime and LeafLifetime are how long new certificates are valid.
	CALifetime, LeafLifetime time.Duration
	// ClockSkew is by how much the clocks of replicas and API servers may differ, plus the time from
	// reading the state to acting on it. Certificates begin that much earlier and count as expired that
	// much before they are.
	ClockSkew time.Duration
}

// Plan returns the state that has to replace s at the time now, and why. A nil s means that there is no
// authority. trusted says whether every client trusts a CA already. With [StepNone] the state is s itself.
//
// Only a promotion or a replacement changes who signs, and only those set RetireAfter: a CA that stops
// signing at now has no valid leaf after now + LeafLifetime.
func (i Issuer) Plan(s *State, now time.Time, trusted func(*x509.Certificate) bool) (*State, Step, error) {
	switch {
	case s == nil:
		return i.create(StepCreate, now)
	case now.Before(s.Signing.Certificate.NotBefore):
		return nil, StepNone, ErrNotYetValid
	case s.Next != nil && !i.Expired(s.Next.Certificate, now) && (trusted(s.Next.Certificate) || i.Expired(s.Signing.Certificate, now)):
		return &State{Signing: s.Next, RetireAfter: i.retireAfter(now)}, StepPromote, nil
	case i.Expired(s.Signing.Certificate, now):
		return i.create(StepReplace, now)
	case s.Next == nil && !now.Before(RenewAt(s.Signing.Certificate)),
		s.Next != nil && i.Expired(s.Next.Certificate, now):
		return i.stage(s, now)
	default:
		return s, StepNone, nil
	}
}

// Replace makes a new state in place of one that cannot be read.
func (i Issuer) Replace(now time.Time) (*State, Step, error) {
	return i.create(StepReplace, now)
}

// Expired says whether a certificate has to be considered expired at now by someone whose clock is ahead.
func (i Issuer) Expired(c *x509.Certificate, now time.Time) bool {
	return !now.Before(c.NotAfter.Add(-i.ClockSkew))
}

func (i Issuer) create(step Step, now time.Time) (*State, Step, error) {
	ca, err := newCA(i.Name, now, i.CALifetime, i.ClockSkew)
	if err != nil {
		return nil, StepNone, err
	}
	return &State{Signing: ca, RetireAfter: i.retireAfter(now)}, step, nil
}

func (i Issuer) stage(s *State, now time.Time) (*State, Step, error) {
	next, err := newCA(i.Name, now, i.CALifetime, i.ClockSkew)
	if err != nil {
		return nil, StepNone, err
	}
	return &State{Signing: s.Signing, Next: next, RetireAfter: s.RetireAfter}, StepStage, nil
}

func (i Issuer) retireAfter(now time.Time) time.Time {
	return now.Add(i.LeafLifetime + i.ClockSkew)
}
