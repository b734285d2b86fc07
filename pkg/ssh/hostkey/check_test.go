package hostkey

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
)

const address = "win-1.example.com:22"

// hostKeys are one of each type.
type hostKeys struct{ edwards, ecdsa, rsa ssh.Signer }

func newHostKeys(t *testing.T) hostKeys {
	t.Helper()
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	var signers []ssh.Signer
	for _, raw := range []any{edwards, onCurve, long} {
		signer, err := ssh.NewSignerFromKey(raw)
		if err != nil {
			t.Fatal(err)
		}
		signers = append(signers, signer)
	}
	return hostKeys{signers[0], signers[1], signers[2]}
}

// certify makes a certificate that is good for address.
func certify(t *testing.T, authority ssh.Signer, key ssh.PublicKey, change func(*ssh.Certificate)) ssh.PublicKey {
	t.Helper()
	certificate := &ssh.Certificate{
		Key: key, CertType: ssh.HostCert, KeyId: "win-1", ValidPrincipals: []string{"win-1.example.com"},
		ValidBefore: uint64(time.Now().Add(time.Hour).Unix()),
	}
	change(certificate)
	if err := certificate.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	return certificate
}

func unchanged(*ssh.Certificate) {}

// connect does the handshakes that a client does with a host that has some keys: each shows the first on the client's
// list that the host has. It returns the types of keys that were shown, and how it ended.
func connect(t *testing.T, check *Check, host ...ssh.PublicKey) (shown []string, verdict error) {
	t.Helper()
	for range 10 {
		key := negotiate(check.Algorithms(), host)
		var failure error = &ssh.AlgorithmNegotiationError{What: "host key"}
		if key != nil {
			shown = append(shown, key.Type())
			failure = check.Key(address, &net.TCPAddr{}, key)
		}
		if failure == nil {
			return shown, nil
		}
		again, verdict := check.After(fmt.Errorf("ssh: handshake failed: %w", failure))
		if !again {
			return shown, verdict
		}
	}
	t.Fatal("it never ends")
	return nil, nil
}

func negotiate(algorithms []string, host []ssh.PublicKey) ssh.PublicKey {
	for _, algorithm := range algorithms {
		for _, key := range host {
			signed := []string{key.Type()}
			switch key.Type() {
			case ssh.KeyAlgoRSA:
				signed = []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
			case ssh.CertAlgoRSAv01:
				signed = []string{ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01}
			}
			if slices.Contains(signed, algorithm) {
				return key
			}
		}
	}
	return nil
}

func TestAHostIsAskedForTheKeysThatItMayHave(t *testing.T) {
	keys, others := newHostKeys(t), newHostKeys(t)
	ed, ec, long := keys.edwards.PublicKey(), keys.ecdsa.PublicKey(), keys.rsa.PublicKey()
	untyped := func(key ssh.PublicKey) Pin { return Pin{Fingerprint: PinOf(key).Fingerprint} }
	authority := others.edwards
	certificate := certify(t, authority, long, unchanged)
	stale := certify(t, authority, long, func(c *ssh.Certificate) { c.ValidBefore = 1 })
	trusting := []ssh.PublicKey{authority.PublicKey()}

	for sentence, test := range map[string]struct {
		policy Policy
		host   []ssh.PublicKey
		shown  []string
		want   error
	}{
		"of the pinned type":               {Policy{Pins: []Pin{PinOf(long)}}, []ssh.PublicKey{ed, ec, long}, []string{"ssh-rsa"}, nil},
		"of any of the pinned types":       {Policy{Pins: []Pin{PinOf(others.edwards.PublicKey()), PinOf(ec)}}, []ssh.PublicKey{ec, long}, []string{"ecdsa-sha2-nistp256"}, nil},
		"of all types, one after another":  {Policy{Pins: []Pin{untyped(long)}}, []ssh.PublicKey{ed, ec, long}, []string{"ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"}, nil},
		"until there are no more":          {Policy{Pins: []Pin{untyped(others.rsa.PublicKey())}}, []ssh.PublicKey{ed, long}, []string{"ssh-ed25519", "ssh-rsa"}, &MismatchError{}},
		"of the pinned type, and no other": {Policy{Pins: []Pin{PinOf(others.edwards.PublicKey())}}, []ssh.PublicKey{ed, ec, long}, []string{"ssh-ed25519"}, &MismatchError{}},
		"of any type, to name what it has": {Policy{Pins: []Pin{PinOf(ed)}}, []ssh.PublicKey{ec, long}, []string{"ecdsa-sha2-nistp256"}, &MismatchError{}},
		"for nothing if it shows nothing":  {Policy{Pins: []Pin{PinOf(ed)}}, nil, nil, &UnknownError{}},
		"for a certificate first":          {Policy{Authorities: trusting}, []ssh.PublicKey{ed, long, certificate}, []string{"ssh-rsa-cert-v01@openssh.com"}, nil},
		"for nothing but certificates":     {Policy{Authorities: trusting}, []ssh.PublicKey{ed}, []string{"ssh-ed25519"}, &UnknownError{}},
		"for a pinned key besides":         {Policy{Authorities: trusting, Pins: []Pin{PinOf(ed)}}, []ssh.PublicKey{ed, stale}, []string{"ssh-rsa-cert-v01@openssh.com", "ssh-ed25519"}, nil},
		"for a certificate only once":      {Policy{Authorities: trusting, Pins: []Pin{PinOf(others.ecdsa.PublicKey())}}, []ssh.PublicKey{ed, stale}, []string{"ssh-rsa-cert-v01@openssh.com"}, &MismatchError{}},
		"for what nobody vouches for":      {Policy{}, []ssh.PublicKey{ec, long}, []string{"ecdsa-sha2-nistp256"}, &UnknownError{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			check, err := test.policy.Check(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			shown, verdict := connect(t, check, test.host...)
			if diff := cmp.Diff(test.shown, shown); diff != "" {
				t.Error(diff)
			}
			if fmt.Sprintf("%T", verdict) != fmt.Sprintf("%T", test.want) {
				t.Errorf("want %T, got %v", test.want, verdict)
			}
			if pin, believed := check.Believed(); believed != (verdict == nil) || believed && pin.Type == "" {
				t.Errorf("believed: %t, %v", believed, pin)
			}
		})
	}
}

func TestWhatHasNothingToDoWithTheHostKeyIsLeftToOthers(t *testing.T) {
	keys := newHostKeys(t)
	check, err := Policy{Pins: []Pin{{Fingerprint: PinOf(keys.rsa.PublicKey()).Fingerprint}}}.Check(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	refused := check.Key(address, nil, keys.edwards.PublicKey())
	if again, verdict := check.After(refused); !again || verdict != nil {
		t.Fatalf("another key is not asked for: %v", verdict)
	}
	// The next handshake breaks before it comes to a key.
	for _, failure := range []error{io.EOF, &ssh.AlgorithmNegotiationError{What: "key exchange"}} {
		if again, verdict := check.After(failure); again || verdict != nil {
			t.Errorf("%v: again %t, %v", failure, again, verdict)
		}
	}
}

func TestErrorsNameBothKeys(t *testing.T) {
	keys, others := newHostKeys(t), newHostKeys(t)
	pinned, shown := PinOf(others.edwards.PublicKey()), PinOf(keys.edwards.PublicKey())
	for want, policy := range map[string]Policy{
		"host key of win-1.example.com:22 does not match: pinned is " + pinned.String() + ", the host has " + shown.String() +
			"; if it was not installed anew, somebody may be intercepting the connection": {Pins: []Pin{pinned}},
		"host key of win-1.example.com:22 is not known: no fingerprint and no authority was given for it; the host has " +
			shown.String(): {},
		"host key of win-1.example.com:22 is not known: it has no certificate; the host has " +
			shown.String(): {Authorities: []ssh.PublicKey{others.rsa.PublicKey()}},
	} {
		check, err := policy.Check(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, verdict := connect(t, check, keys.edwards.PublicKey()); verdict == nil || verdict.Error() != want {
			t.Errorf("want\n%s\ngot\n%v", want, verdict)
		}
	}
}

// recorder records one pin.
type recorder struct {
	pin   *Pin
	fails error
}

func (r *recorder) Recorded(context.Context, string) (Pin, bool, error) {
	if r.pin == nil {
		return Pin{}, false, r.fails
	}
	return *r.pin, true, nil
}

func (r *recorder) Record(_ context.Context, _ string, pin Pin) error {
	r.pin = &pin
	return r.fails
}

func TestTheFirstKeyIsRecordedAndTheNextComparedWithIt(t *testing.T) {
	keys, others := newHostKeys(t), newHostKeys(t)
	kept := &recorder{}
	policy := Policy{FirstUse: kept}
	for range 2 {
		check, err := policy.Check(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		if _, verdict := connect(t, check, keys.ecdsa.PublicKey(), keys.rsa.PublicKey()); verdict != nil || *kept.pin != PinOf(keys.ecdsa.PublicKey()) {
			t.Fatalf("recorded %v, %v", kept.pin, verdict)
		}
	}
	check, err := policy.Check(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	mismatch := (*MismatchError)(nil)
	if _, verdict := connect(t, check, others.ecdsa.PublicKey()); !errors.As(verdict, &mismatch) {
		t.Errorf("got %v", verdict)
	}
}

func TestARecorderIsNotAskedWhereThereAreOtherGrounds(t *testing.T) {
	keys, others := newHostKeys(t), newHostKeys(t)
	for sentence, policy := range map[string]Policy{
		"pins":        {Pins: []Pin{PinOf(others.edwards.PublicKey())}},
		"authorities": {Authorities: []ssh.PublicKey{others.edwards.PublicKey()}},
	} {
		t.Run(sentence, func(t *testing.T) {
			kept := &recorder{}
			policy.FirstUse = kept
			check, err := policy.Check(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			if _, verdict := connect(t, check, keys.edwards.PublicKey()); verdict == nil || kept.pin != nil {
				t.Errorf("got %v, recorded %v", verdict, kept.pin)
			}
		})
	}
}

func TestARecorderThatFailsIsAnError(t *testing.T) {
	broken := errors.New("no permission")
	if _, err := (Policy{FirstUse: &recorder{fails: broken}}).Check(t.Context(), address); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	kept := &recorder{}
	check, err := Policy{FirstUse: kept}.Check(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	kept.fails = broken
	if _, verdict := connect(t, check, newHostKeys(t).edwards.PublicKey()); !errors.Is(verdict, broken) {
		t.Errorf("got %v", verdict)
	}
}

func TestACertificateMustBeGoodForThisHost(t *testing.T) {
	keys, authority := newHostKeys(t), newHostKeys(t).edwards
	policy := Policy{Authorities: []ssh.PublicKey{authority.PublicKey()}}
	for sentence, test := range map[string]struct {
		change func(*ssh.Certificate)
		good   bool
	}{
		"by its name":                  {unchanged, true},
		"and is not by another":        {func(c *ssh.Certificate) { c.ValidPrincipals = []string{"win-2.example.com"} }, false},
		"nor by a name and port":       {func(c *ssh.Certificate) { c.ValidPrincipals = []string{address} }, false},
		"nor by no name":               {func(c *ssh.Certificate) { c.ValidPrincipals = nil }, false},
		"nor as a user":                {func(c *ssh.Certificate) { c.CertType = ssh.UserCert }, false},
		"nor after its time":           {func(c *ssh.Certificate) { c.ValidBefore = uint64(time.Now().Unix()) }, false},
		"nor before its time":          {func(c *ssh.Certificate) { c.ValidAfter = uint64(time.Now().Add(time.Minute).Unix()) }, false},
		"nor with unknown constraints": {func(c *ssh.Certificate) { c.CriticalOptions = map[string]string{"only-on": "sundays"} }, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			check, err := policy.Check(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			_, verdict := connect(t, check, certify(t, authority, keys.edwards.PublicKey(), test.change))
			unknown := (*UnknownError)(nil)
			if test.good != (verdict == nil) || !test.good && !errors.As(verdict, &unknown) {
				t.Errorf("got %v", verdict)
			}
			if !test.good && unknown.Unwrap() == nil {
				t.Error("it does not say why")
			}
		})
	}
}
