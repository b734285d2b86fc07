package servingcert

import (
	"crypto/sha256"
	"crypto/x509"
	"time"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// trustLevel is how far a CA has come on its way to being trusted by every API server.
type trustLevel int

const (
	untrusted trustLevel = iota // missing from some caBundle, or not known
	trusted                     // in every caBundle
	settled                     // for so long that every API server must have noticed
)

// trust follows, from pass to pass, which CAs are in every caBundle and since when. It belongs to the loop
// of one Source and is not safe for concurrent use.
type trust struct {
	settle time.Duration
	seen   map[[sha256.Size]byte]sighting
}

type sighting struct {
	trusted bool
	since   time.Time
}

func newTrust(settle time.Duration) *trust {
	return &trust{settle: settle, seen: map[[sha256.Size]byte]sighting{}}
}

// observe records which of the CAs of interest are in every bundle at the time now, and forgets all others.
//
// A CA that was not there in the last pass has to settle, because other replicas may be answering with
// another one meanwhile; unless it is alone in every bundle. Then there is nothing else that API servers
// could be relying on, and a replica that starts in a quiet cluster is ready at once.
func (t *trust) observe(now time.Time, bundles []authority.Bundle, interest ...*x509.Certificate) {
	seen := make(map[[sha256.Size]byte]sighting, len(interest))
	for _, c := range interest {
		id := sha256.Sum256(c.Raw)
		before := t.seen[id]
		switch {
		case !inAll(bundles, c):
			seen[id] = sighting{}
		case before.trusted:
			seen[id] = before
		case alone(bundles):
			seen[id] = sighting{trusted: true}
		default:
			seen[id] = sighting{trusted: true, since: now}
		}
	}
	t.seen = seen
}

// lose records that nothing is known any more, because the targets could not be read.
func (t *trust) lose() { clear(t.seen) }

func (t *trust) level(c *x509.Certificate, now time.Time) trustLevel {
	s := t.seen[sha256.Sum256(c.Raw)]
	switch {
	case !s.trusted:
		return untrusted
	case now.Sub(s.since) < t.settle:
		return trusted
	default:
		return settled
	}
}

func inAll(bundles []authority.Bundle, c *x509.Certificate) bool {
	for _, b := range bundles {
		if !b.Contains(c) {
			return false
		}
	}
	return true
}

// alone says whether each bundle holds a single CA.
func alone(bundles []authority.Bundle) bool {
	for _, b := range bundles {
		if len(b) != 1 {
			return false
		}
	}
	return true
}
