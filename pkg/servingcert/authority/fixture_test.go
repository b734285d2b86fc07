package authority

import (
	"crypto/x509"
	"testing"
	"time"
)

// epoch is when the tests begin.
var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

const day = 24 * time.Hour

func testIssuer() Issuer {
	return Issuer{Name: "test-ca", CALifetime: 90 * day, LeafLifetime: 6 * day, ClockSkew: 10 * time.Minute}
}

func testCA(t *testing.T, now time.Time) *CA {
	t.Helper()
	ca, err := newCA("test-ca", now, 90*day, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	return ca
}

func nobody(*x509.Certificate) bool { return false }

func everybody(*x509.Certificate) bool { return true }
