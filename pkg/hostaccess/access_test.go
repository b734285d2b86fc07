package hostaccess_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	cryptossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

const (
	pin1 = "SHA256:jXvmJdHVrGhGBHxuXuYjWAjgbCMbnMZjvZpGqQmtFHo"
	pin2 = "ssh-ed25519 SHA256:t31R/1oy4N6OjSMI4DKW9W0IQfLRz+PBy9cUMXdBbN4"
)

func TestAHostIsReachedAsItsSpecSays(t *testing.T) {
	authority := privateKey(t)
	w := newWorld(t, secret("mine", map[string][]byte{"private-key.pem": privateKey(t)}))
	target, err := w.access.Target(t.Context(), newHost(func(h *v1alpha1.WindowsHost) {
		h.Spec.Address, h.Spec.Port, h.Spec.User = "2001:db8::7", 2222, "capi"
		h.Spec.KeySecret = &v1alpha1.SecretReference{Name: "mine"}
		h.Spec.HostKeys = v1alpha1.HostKeyTrust{
			Fingerprints: []string{pin1, pin2}, Authorities: []string{line(t, authority)},
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	if target.Address != "[2001:db8::7]:2222" || target.User != "capi" || target.Jump != nil {
		t.Errorf("got %s@%s", target.User, target.Address)
	}
	var pins []string
	for _, pin := range target.HostKeys.Pins {
		pins = append(pins, pin.String())
	}
	if diff := cmp.Diff([]string{pin1, pin2}, pins); diff != "" {
		t.Errorf("pins (-want +got):\n%s", diff)
	}
	if len(target.HostKeys.Authorities) != 1 || cryptossh.FingerprintSHA256(target.HostKeys.Authorities[0]) != fingerprint(t, authority) {
		t.Errorf("authorities are %v", target.HostKeys.Authorities)
	}
	if target.HostKeys.FirstUse != nil {
		t.Error("whatever key it shows first is believed, and nobody has asked for that")
	}
}

func TestAHostWithoutGroundsIsBelievedOnNone(t *testing.T) {
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": privateKey(t)}))
	target, err := w.access.Target(t.Context(), newHost())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(hostkey.Policy{}, target.HostKeys); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAJumpHostHasGroundsOfItsOwn(t *testing.T) {
	own, jump := privateKey(t), privateKey(t)
	w := newWorld(t,
		secret("cloud-private-key", map[string][]byte{"private-key.pem": own}),
		secret("jump", map[string][]byte{"private-key.pem": jump}))
	for sentence, c := range map[string]struct {
		secret *v1alpha1.SecretReference
		want   []byte
	}{
		"and keys of its own where it has some":   {&v1alpha1.SecretReference{Name: "jump"}, jump},
		"and else the keys of the host behind it": {nil, own},
	} {
		t.Run(sentence, func(t *testing.T) {
			target, err := w.access.Target(t.Context(), newHost(func(h *v1alpha1.WindowsHost) {
				h.Spec.HostKeys.TrustOnFirstUse = true
				h.Spec.Jump = &v1alpha1.JumpHost{
					Address: "jump.example.com", User: "hop", KeySecret: c.secret, Fingerprints: []string{pin1},
				}
			}))
			if err != nil {
				t.Fatal(err)
			}
			if target.Jump.Address != "jump.example.com" || target.Jump.User != "hop" || target.Jump.HostKeys.FirstUse != nil {
				t.Errorf("got %+v", target.Jump)
			}
			if diff := cmp.Diff([]string{fingerprint(t, c.want)}, fingerprints(target.Jump.Keys)); diff != "" {
				t.Errorf("keys (-want +got):\n%s", diff)
			}
		})
	}
}

func TestGroundsThatCannotBeReadAreNamed(t *testing.T) {
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": privateKey(t)}))
	for want, change := range map[string]func(*v1alpha1.WindowsHostSpec){
		"fingerprint 2 of the host's keys: ": func(s *v1alpha1.WindowsHostSpec) { s.HostKeys.Fingerprints = []string{pin1, "MD5:aa"} },
		"authority 1 of host certificates: ": func(s *v1alpha1.WindowsHostSpec) { s.HostKeys.Authorities = []string{"?"} },
		"jump host: fingerprint 1 of ": func(s *v1alpha1.WindowsHostSpec) {
			s.Jump = &v1alpha1.JumpHost{Address: "jump", Fingerprints: []string{"?"}}
		},
	} {
		_, err := w.access.Target(t.Context(), newHost(func(h *v1alpha1.WindowsHost) { change(&h.Spec) }))
		var problem *hostaccess.Error
		if !errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonHostKeyUnknown || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestTheKeysOfAJumpHostThatAreOfNoUseAreNamed(t *testing.T) {
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": privateKey(t)}))
	_, err := w.access.Target(t.Context(), newHost(func(h *v1alpha1.WindowsHost) {
		h.Spec.Jump = &v1alpha1.JumpHost{Address: "jump", KeySecret: &v1alpha1.SecretReference{Name: "none"}, Fingerprints: []string{pin1}}
	}))
	if err == nil || !strings.Contains(err.Error(), "there is no Secret hosts/none") {
		t.Errorf("got %v", err)
	}
}
