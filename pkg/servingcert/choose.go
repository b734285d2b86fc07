package servingcert

import (
	"crypto/tls"
	"crypto/x509"
	"time"
)

// leaf is the certificate that is being served. It is immutable.
type leaf struct {
	certificate *tls.Certificate
	ca          *x509.Certificate
	renewAt     time.Time
	// accepted is whether the CA of this leaf, or of one that was served before it, was seen to be trusted.
	// It never turns false again: an endpoint that disappears because a caBundle was emptied helps nobody.
	accepted bool
}

// reason says why a leaf is issued.
type reason string

const (
	keep             reason = ""                  // the present one is the best there is
	firstLeaf        reason = "first"             // there is none yet
	renewed          reason = "renewed"           // its time has come
	authorityChanged reason = "authority-changed" // another CA signs, and is trusted
	trustLost        reason = "trust-lost"        // its CA is not trusted any more, the one that signs is
	expiring         reason = "expiring"          // it ends, and waiting for the new CA to be trusted ends with it
)

// choose decides whether the present leaf, which may be nil, gives way to one of the signing CA. expired is
// whether the present one is to be considered expired at now.
func choose(present *leaf, signing *x509.Certificate, t *trust, now time.Time, expired bool) reason {
	switch {
	case present == nil:
		return firstLeaf
	case present.ca.Equal(signing):
		if now.Before(present.renewAt) {
			return keep
		}
		return renewed
	case t.level(signing, now) == settled:
		return authorityChanged
	case t.level(signing, now) == trusted && t.level(present.ca, now) == untrusted:
		return trustLost
	case expired:
		return expiring
	default:
		return keep
	}
}
