package hostaccess_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	cryptossh "golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// fleetHost is a host that lets in whoever its authorized keys name.
type fleetHost struct {
	authorized []string
	// login is what its status shows.
	login string
}

// visit logs in to a host and gives it the lines that it shall have, as a pass of the reconciler does.
func (w *world) visit(t *testing.T, h *fleetHost) error {
	t.Helper()
	var authorized []cryptossh.PublicKey
	for _, line := range h.authorized {
		key, _, _, _, err := cryptossh.ParseAuthorizedKey([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		authorized = append(authorized, key)
	}
	server, err := sshtest.Start(sshtest.Config{Authorized: authorized})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	address, port, err := net.SplitHostPort(server.Address())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	w.clock.SetTime(w.clock.Now().Add(11 * 1e9)) // What was read of the Secret is too old.
	host := newHost(func(o *v1alpha1.WindowsHost) {
		o.Spec.Address, o.Spec.Port = address, int32(number)
		o.Spec.HostKeys.Fingerprints = []string{hostkey.PinOf(server.HostKey()).String()}
	})
	target, err := w.access.Target(t.Context(), host)
	if err != nil {
		t.Fatal(err)
	}
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	return pool.Do(t.Context(), target, func(ctx context.Context, conn *ssh.Conn) error {
		keys, err := w.access.Keys(ctx, host)
		if err != nil {
			return err
		}
		h.login, h.authorized = conn.Key(), keys.AuthorizedKeys(conn.Key())
		return nil
	})
}

// edit changes the Secret.
func (w *world) edit(t *testing.T, data map[string][]byte) {
	t.Helper()
	var live corev1.Secret
	if err := w.client.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: "cloud-private-key"}, &live); err != nil {
		t.Fatal(err)
	}
	live.Data = data
	if err := w.client.Update(t.Context(), &live); err != nil {
		t.Fatal(err)
	}
}

// TestAKeyIsRotatedByOneEdit follows docs/windows-hosts.md with a host that is up and one that is not.
func TestAKeyIsRotatedByOneEdit(t *testing.T) {
	before, after := privateKey(t), privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": before}))
	up, away := &fleetHost{authorized: []string{line(t, before)}}, &fleetHost{authorized: []string{line(t, before)}}
	expect := func(h *fleetHost, login []byte, authorized ...string) {
		t.Helper()
		if err := w.visit(t, h); err != nil {
			t.Fatal(err)
		}
		if h.login != fingerprint(t, login) {
			t.Errorf("logged in by %s", h.login)
		}
		if diff := cmp.Diff(authorized, h.authorized); diff != "" {
			t.Errorf("authorized keys (-want +got):\n%s", diff)
		}
	}
	expect(up, before, line(t, before))
	expect(away, before, line(t, before))

	w.edit(t, map[string][]byte{"private-key.pem": after, "2026.retiring.pem": before})
	expect(up, before, line(t, after), line(t, before)) // Learnt.
	expect(up, after, line(t, after))                   // Proven, and the old one forgotten.
	expect(up, after, line(t, after))

	expect(away, before, line(t, after), line(t, before)) // Back after a week.
	expect(away, after, line(t, after))

	w.edit(t, map[string][]byte{"private-key.pem": after})
	expect(up, after, line(t, after))
}

// TestAHostThatMissedARotationSaysWhichKeysWereTried is what happens if the old key leaves the Secret too early.
func TestAHostThatMissedARotationSaysWhichKeysWereTried(t *testing.T) {
	before, after := privateKey(t), privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": after}))
	var refused *ssh.AuthenticationError
	if err := w.visit(t, &fleetHost{authorized: []string{line(t, before)}}); !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]string{fingerprint(t, after)}, refused.Tried); diff != "" {
		t.Errorf("tried (-want +got):\n%s", diff)
	}
}
