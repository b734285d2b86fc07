package ssh

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// hostKeys are one of each type, as a Windows host has them.
func hostKeys(t *testing.T) []ssh.Signer {
	t.Helper()
	onCurve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	long, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	keys := []ssh.Signer{newKey(t)}
	for _, raw := range []any{onCurve, long} {
		key, err := ssh.NewSignerFromKey(raw)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	return keys
}

func TestAnyKeyOfAHostMayBePinned(t *testing.T) {
	keys := hostKeys(t)
	s := start(t, func(config *sshtest.Config) { config.HostKeys = keys })
	stranger := hostkey.PinOf(newKey(t).PublicKey())
	for _, key := range keys {
		pin := hostkey.PinOf(key.PublicKey())
		untyped := hostkey.Pin{Fingerprint: pin.Fingerprint}
		for sentence, pins := range map[string][]hostkey.Pin{
			"with its type":                      {pin},
			"by its fingerprint alone":           {untyped},
			"as one of several":                  {stranger, pin},
			"as one of several, by fingerprints": {{Fingerprint: stranger.Fingerprint}, untyped},
		} {
			t.Run(pin.Type+" "+sentence, func(t *testing.T) {
				pool := newPool(t, Options{})
				err := pool.Do(t.Context(), s.with(func(to *Target) { to.HostKeys = hostkey.Policy{Pins: pins} }),
					func(_ context.Context, c *Conn) error {
						if c.HostKey() != pin {
							t.Errorf("the host was believed for %s", c.HostKey())
						}
						return nil
					})
				if err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestAnotherHostKeyIsAHardStopWithBothFingerprints(t *testing.T) {
	pinned := newKey(t).PublicKey()
	for sentence, test := range map[string]struct {
		keys []ssh.Signer
		pin  hostkey.Pin
		// handshakes are how many it takes to see all that the host has.
		handshakes int
	}{
		"of the same type":             {[]ssh.Signer{newKey(t)}, hostkey.PinOf(pinned), 1},
		"of another type":              {hostKeys(t)[1:2], hostkey.PinOf(pinned), 2},
		"when no type is pinned":       {[]ssh.Signer{newKey(t)}, hostkey.Pin{Fingerprint: hostkey.PinOf(pinned).Fingerprint}, 2},
		"whatever keys there are else": {hostKeys(t), hostkey.PinOf(pinned), 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, func(config *sshtest.Config) { config.HostKeys = test.keys })
			pool := newPool(t, Options{})
			err := reach(t, pool, s.with(func(to *Target) { to.HostKeys.Pins = []hostkey.Pin{test.pin} }))
			mismatch := as[*hostkey.MismatchError](t, err)
			for _, fingerprint := range []string{test.pin.Fingerprint, hostkey.PinOf(test.keys[0].PublicKey()).Fingerprint} {
				if !strings.Contains(mismatch.Error(), fingerprint) {
					t.Errorf("no %s in %v", fingerprint, mismatch)
				}
			}
			if got := s.Accepted(); got != test.handshakes {
				t.Errorf("want %d handshakes, got %d", test.handshakes, got)
			}
			if got := s.Logins(); len(got) > 0 {
				t.Errorf("the host was logged in to: %v", got)
			}
		})
	}
}

func TestWithoutGroundsNoHostIsBelieved(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{})
	err := as[*hostkey.UnknownError](t, reach(t, pool, s.with(func(to *Target) { to.HostKeys = hostkey.Policy{} })))
	if want := hostkey.PinOf(s.HostKey()); len(err.Presented) != 1 || err.Presented[0] != want {
		t.Errorf("want %s to be told, got %v", want, err)
	}
}

// records keeps pins in memory.
type records struct {
	mu            sync.Mutex
	pins          map[string]hostkey.Pin
	reads, writes int
	broken        error
}

func (r *records) Recorded(_ context.Context, address string) (hostkey.Pin, bool, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.reads++
	pin, found := r.pins[address]
	return pin, found, r.broken
}

func (r *records) Record(ctx context.Context, address string, pin hostkey.Pin) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pins == nil {
		return errors.New("the disk is full")
	}
	if ctx.Err() != nil { // Whoever writes to somewhere else writes nothing then.
		return ctx.Err()
	}
	r.writes++
	r.pins[address] = pin
	return nil
}

func TestTrustOnFirstUseIsRecordedAndPinnedFromThenOn(t *testing.T) {
	s := start(t, exits(0))
	kept := &records{pins: map[string]hostkey.Pin{}}
	target := s.with(func(to *Target) { to.HostKeys = hostkey.Policy{FirstUse: kept} })
	pool := newPool(t, Options{})
	for range 3 {
		if err := run(t, pool, target, program("facts")); err != nil {
			t.Fatal(err)
		}
		s.Cut()
		eventually(t, "the connection to end", func() bool { return s.Open() == 0 && pool.connections() == 0 })
	}
	if want := hostkey.PinOf(s.HostKey()); kept.pins[s.Address()] != want || kept.writes != 1 || kept.reads != 3 {
		t.Errorf("want %s recorded once and read each time, got %+v", want, kept)
	}

	address := s.Address()
	s.Close()
	// Something else answers there: with a key of the pinned type, or of another.
	for sentence, keys := range map[string][]ssh.Signer{"the same type": nil, "another type": hostKeys(t)[1:2]} {
		t.Run(sentence, func(t *testing.T) {
			impostor, err := sshtest.Start(sshtest.Config{Address: address, HostKeys: keys, Authorized: []ssh.PublicKey{target.Keys[0].PublicKey()}})
			if err != nil {
				t.Fatal(err)
			}
			defer impostor.Close()
			pool := newPool(t, Options{})
			defer pool.Close()
			expect[*hostkey.MismatchError](t, reach(t, pool, target))
			if kept.writes != 1 || len(impostor.Logins()) > 0 {
				t.Errorf("it was recorded %d times, and logged in to: %v", kept.writes, impostor.Logins())
			}
		})
	}
}

func TestAHostThatWasJustTrustedMayExchangeTheKeysOfTheConnection(t *testing.T) {
	s := start(t, func(config *sshtest.Config) { config.Rekey = 64 << 10 })
	kept := &records{pins: map[string]hostkey.Pin{}}
	pool := newPool(t, Options{})
	target := s.with(func(to *Target) { to.HostKeys = hostkey.Policy{FirstUse: kept} })
	if _, err := upload(t, pool, target, newPayload(1<<20).Upload); err != nil {
		t.Error(err)
	}
	if kept.writes != 1 || s.Accepted() != 1 {
		t.Errorf("it was recorded %d times, over %d connections", kept.writes, s.Accepted())
	}
}

func TestAHostWhoseKeyCannotBeRecordedIsNotUsed(t *testing.T) {
	for sentence, test := range map[string]struct {
		kept *records
		want string
	}{
		"when it is written": {&records{}, "recording the host key ssh-ed25519 SHA256:"},
		"when it is read":    {&records{broken: errors.New("no permission")}, "reading which host key is recorded for "},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, nil)
			pool := newPool(t, Options{})
			err := reach(t, pool, s.with(func(to *Target) { to.HostKeys = hostkey.Policy{FirstUse: test.kept} }))
			if err == nil || !strings.Contains(err.Error(), test.want) || len(s.Logins()) > 0 {
				t.Errorf("want %s…, got %v", test.want, err)
			}
		})
	}
}

func TestACertificateIsBelievedForItsAuthorityItsHostAndItsTime(t *testing.T) {
	authority, plain := newKey(t), newKey(t)
	now := time.Now()
	good := ssh.Certificate{
		Key: plain.PublicKey(), CertType: ssh.HostCert, KeyId: "win-1", ValidPrincipals: []string{"win-1", "127.0.0.1"},
		ValidAfter: uint64(now.Add(-time.Hour).Unix()), ValidBefore: uint64(now.Add(time.Hour).Unix()),
	}
	sign := func(by ssh.Signer, change func(*ssh.Certificate)) ssh.Signer {
		certificate := good
		change(&certificate)
		if err := certificate.SignCert(rand.Reader, by); err != nil {
			t.Fatal(err)
		}
		signer, err := ssh.NewCertSigner(&certificate, plain)
		if err != nil {
			t.Fatal(err)
		}
		return signer
	}
	as := func(*ssh.Certificate) {}
	for sentence, test := range map[string]struct {
		key  ssh.Signer
		want string
	}{
		"good":                  {sign(authority, as), ""},
		"of another authority":  {sign(newKey(t), as), "no authorities for hostname"},
		"of another host":       {sign(authority, func(c *ssh.Certificate) { c.ValidPrincipals = []string{"win-2"} }), `principal "127.0.0.1" not in the set`},
		"of no host":            {sign(authority, func(c *ssh.Certificate) { c.ValidPrincipals = nil }), `its certificate "win-1" names no host`},
		"of a user":             {sign(authority, func(c *ssh.Certificate) { c.CertType = ssh.UserCert }), "presented as a host key has type 1"},
		"expired":               {sign(authority, func(c *ssh.Certificate) { c.ValidBefore = uint64(now.Add(-time.Minute).Unix()) }), "expired"},
		"not yet valid":         {sign(authority, func(c *ssh.Certificate) { c.ValidAfter = uint64(now.Add(time.Minute).Unix()) }), "not yet valid"},
		"not there, but a key ": {plain, "it has no certificate"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, func(config *sshtest.Config) { config.HostKeys = []ssh.Signer{test.key} })
			pool := newPool(t, Options{})
			err := reach(t, pool, s.with(func(to *Target) {
				to.HostKeys = hostkey.Policy{Authorities: []ssh.PublicKey{newKey(t).PublicKey(), authority.PublicKey()}}
			}))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			unknown := (*hostkey.UnknownError)(nil)
			if !errors.As(err, &unknown) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("want …%s…, got %v", test.want, err)
			}
		})
	}

	t.Run("and a pinned key needs none", func(t *testing.T) {
		s := start(t, func(config *sshtest.Config) { config.HostKeys = []ssh.Signer{sign(newKey(t), as)} })
		pool := newPool(t, Options{})
		err := reach(t, pool, s.with(func(to *Target) {
			to.HostKeys = hostkey.Policy{Authorities: []ssh.PublicKey{authority.PublicKey()}, Pins: []hostkey.Pin{hostkey.PinOf(plain.PublicKey())}}
		}))
		if err != nil {
			t.Error(err)
		}
	})
}
