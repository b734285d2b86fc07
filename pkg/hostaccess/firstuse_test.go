package hostaccess_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"

	cryptossh "golang.org/x/crypto/ssh"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// meeting is a host that is met for the first time.
type meeting struct {
	*world
	server *sshtest.Server
	host   *v1alpha1.WindowsHost
	pool   *ssh.Pool
}

func newMeeting(t *testing.T) *meeting {
	t.Helper()
	key := privateKey(t)
	server, err := sshtest.Start(sshtest.Config{Authorized: []cryptossh.PublicKey{signer(t, key).PublicKey()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	address, port, err := net.SplitHostPort(server.Address())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	host := newHost(func(h *v1alpha1.WindowsHost) {
		h.Spec.Address, h.Spec.Port, h.Spec.HostKeys.TrustOnFirstUse = address, int32(number), true
	})
	pool := ssh.NewPool(ssh.Options{})
	t.Cleanup(pool.Close)
	w := newWorld(t, host, secret("cloud-private-key", map[string][]byte{"private-key.pem": key}))
	return &meeting{world: w, server: server, host: host, pool: pool}
}

func (m *meeting) logIn(t *testing.T) error {
	t.Helper()
	target, err := m.access.Target(t.Context(), m.host)
	if err != nil {
		t.Fatal(err)
	}
	return m.pool.Do(t.Context(), target, func(context.Context, *ssh.Conn) error { return nil })
}

// recorded is the key in the status.
func (m *meeting) recorded(t *testing.T) string {
	t.Helper()
	var live v1alpha1.WindowsHost
	if err := m.client.Get(t.Context(), client.ObjectKeyFromObject(m.host), &live); err != nil {
		t.Fatal(err)
	}
	return live.Status.HostKey
}

// record writes a key into the status, as another replica does.
func (m *meeting) record(t *testing.T, key string) {
	t.Helper()
	var live v1alpha1.WindowsHost
	if err := m.client.Get(t.Context(), client.ObjectKeyFromObject(m.host), &live); err != nil {
		t.Fatal(err)
	}
	live.Status.HostKey = key
	if err := m.client.Status().Update(t.Context(), &live); err != nil {
		t.Fatal(err)
	}
}

func (m *meeting) pin() string { return hostkey.PinOf(m.server.HostKey()).String() }

func TestTheFirstKeyIsRecordedBeforeAnybodyLogsIn(t *testing.T) {
	m := newMeeting(t)
	m.before = func() {
		if logins := m.server.Logins(); len(logins) > 0 {
			t.Errorf("logged in before the key was recorded")
		}
	}
	if err := m.logIn(t); err != nil {
		t.Fatal(err)
	}
	if got := m.recorded(t); got != m.pin() || m.before != nil {
		t.Errorf("recorded %q, want %q", got, m.pin())
	}
}

func TestARecordedKeyIsAPin(t *testing.T) {
	m := newMeeting(t)
	m.record(t, "ssh-ed25519 "+pin1)
	var mismatch *hostkey.MismatchError
	if err := m.logIn(t); !errors.As(err, &mismatch) {
		t.Errorf("got %v", err)
	}
	if got := m.recorded(t); got != "ssh-ed25519 "+pin1 {
		t.Errorf("recorded %q", got)
	}
	m.record(t, "") // By an administrator, who has compared.
	if err := m.logIn(t); err != nil {
		t.Error(err)
	}
}

func TestOfTwoReplicasThatMeetAHostOneRecordsAndTheOtherCompares(t *testing.T) {
	for sentence, c := range map[string]struct {
		recorded func(*meeting) string
		want     string
	}{
		"they saw the same key":              {(*meeting).pin, ""},
		"somebody showed them two keys":      {func(*meeting) string { return "ssh-ed25519 " + pin1 }, "meanwhile ssh-ed25519 " + pin1 + " was recorded"},
		"the other one wrote something else": {func(*meeting) string { return "" }, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			m := newMeeting(t)
			m.before = func() { m.record(t, c.recorded(m)) }
			err := m.logIn(t)
			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
				t.Errorf("got %v", err)
			case c.want != "" && len(m.server.Logins()) > 0:
				t.Error("logged in all the same")
			}
			if got := m.recorded(t); c.want == "" && got != m.pin() {
				t.Errorf("recorded %q", got)
			}
		})
	}
}

func TestAKeyIsNotRecordedForAHostThatWasMadeAnew(t *testing.T) {
	m := newMeeting(t)
	m.host = m.host.DeepCopy()
	m.host.UID = "uid-of-the-one-before"
	if err := m.logIn(t); err == nil || !strings.Contains(err.Error(), "was deleted and made anew meanwhile") {
		t.Errorf("got %v", err)
	}
	if got := m.recorded(t); got != "" {
		t.Errorf("recorded %q", got)
	}
}

func TestARecordThatCannotBeReadBelievesNobody(t *testing.T) {
	m := newMeeting(t)
	m.record(t, "ssh-ed25519")
	if err := m.logIn(t); err == nil || !strings.Contains(err.Error(), "status.hostKey: ") {
		t.Errorf("got %v", err)
	}
}
