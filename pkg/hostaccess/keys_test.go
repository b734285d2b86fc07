package hostaccess_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
)

func TestKeysAreTriedInTheOrderOfARotation(t *testing.T) {
	next, main, other, another, old := privateKey(t), privateKey(t), privateKey(t), privateKey(t), privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{
		"a.retiring.pem": old, "another.pem": another, "other.pem": other, "private-key-next.pem": next, "private-key.pem": main,
		"private-key.pub": []byte("this is looked at by nobody"),
	}))
	target, err := w.access.Target(t.Context(), newHost())
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		fingerprint(t, next), fingerprint(t, main), fingerprint(t, another), fingerprint(t, other), fingerprint(t, old),
	}
	if diff := cmp.Diff(want, fingerprints(target.Keys)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestASecretThatIsOfNoUseIsNamedWithItsKeyAndNothingOfWhatItHas(t *testing.T) {
	good, damaged := privateKey(t), []byte("-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n-----END OPENSSH PRIVATE KEY-----\n")
	many := map[string][]byte{}
	for i := range 7 {
		many[fmt.Sprintf("%d.pem", i)] = privateKey(t)
	}
	const name = "Secret hosts/cloud-private-key"
	for sentence, c := range map[string]struct {
		data map[string][]byte
		want string
	}{
		"no key":              {map[string][]byte{"private-key": good}, "there is no private key in " + name + ": want one as private-key.pem"},
		"an empty key":        {map[string][]byte{"private-key.pem": nil}, `key "private-key.pem" of ` + name + ": there is no key"},
		"a damaged key":       {map[string][]byte{"private-key.pem": good, "other.pem": damaged}, `key "other.pem" of ` + name + ": the private key is damaged"},
		"an encrypted key":    {map[string][]byte{"private-key.pem": []byte(encrypted)}, `key "private-key.pem" of ` + name + ": the private key is encrypted"},
		"too many keys":       {many, "there are 7 private keys in " + name},
		"retiring keys alone": {map[string][]byte{"x.retiring.pem": good}, `key "private-key.pem" of ` + name + ": it is missing"},
	} {
		t.Run(sentence, func(t *testing.T) {
			_, err := newWorld(t, secret("cloud-private-key", c.data)).access.Target(t.Context(), newHost())
			var problem *hostaccess.Error
			if !errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonKeySecretInvalid || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %v", err)
			}
			for entry, content := range c.data {
				for line := range strings.Lines(string(content)) {
					if line = strings.TrimSpace(line); len(line) > 6 && !strings.HasPrefix(line, "-----") && strings.Contains(err.Error(), line) {
						t.Errorf("it quotes %s", entry)
					}
				}
			}
		})
	}
}

func TestASecretThatIsMissingIsNamedWithWhatItShallHave(t *testing.T) {
	host := newHost(func(h *v1alpha1.WindowsHost) { h.Spec.KeySecret = &v1alpha1.SecretReference{Name: "mine"} })
	_, err := newWorld(t).access.Target(t.Context(), host)
	var problem *hostaccess.Error
	if !errors.As(err, &problem) || problem.Reason != v1alpha1.ReasonKeySecretInvalid {
		t.Fatalf("got %v", err)
	}
	if want := "there is no Secret hosts/mine: make it, with the private key for the host as private-key.pem"; err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAKeyIsRotatedHostByHost(t *testing.T) {
	before, after := privateKey(t), privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": after, "2025.retiring.pem": before}))
	keys, err := w.access.Keys(t.Context(), newHost())
	if err != nil {
		t.Fatal(err)
	}
	learnt, both := []string{line(t, after)}, []string{line(t, after), line(t, before)}
	for sentence, c := range map[string]struct {
		login    string
		want     []string
		retired  []string
		retiring bool
	}{
		"a host that takes the old one only learns the new one, and keeps the old one": {fingerprint(t, before), both, nil, true},
		"a host that has taken the new one forgets the old one":                        {fingerprint(t, after), learnt, []string{line(t, before)}, false},
		"a host that nobody has logged in to yet does not get the old one":             {"", learnt, nil, false},
	} {
		t.Run(sentence, func(t *testing.T) {
			if diff := cmp.Diff(c.want, keys.AuthorizedKeys(c.login)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.retired, keys.RetiredKeys(c.login)); diff != "" {
				t.Errorf("to be forgotten (-want +got):\n%s", diff)
			}
			if got := keys.Retiring(c.login); got != c.retiring {
				t.Errorf("it depends on a retiring key: %t", got)
			}
		})
	}
}

func TestAKeyThatIsRetiringAndInUseIsInUse(t *testing.T) {
	key := privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": key, "a.retiring.pem": key}))
	keys, err := w.access.Keys(t.Context(), newHost())
	if err != nil {
		t.Fatal(err)
	}
	if got := keys.AuthorizedKeys(""); len(got) != 1 || keys.Retiring(fingerprint(t, key)) || len(keys.Signers()) != 1 {
		t.Errorf("got %v", got)
	}
	if got := keys.RetiredKeys(fingerprint(t, key)); len(got) > 0 {
		t.Errorf("it is to be forgotten: %v", got)
	}
}

func TestManyHostsReadTheirSecretOnceInAWhile(t *testing.T) {
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": privateKey(t)}))
	target := func() {
		t.Helper()
		if _, err := w.access.Target(t.Context(), newHost()); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 {
		target()
	}
	if w.reads != 1 {
		t.Errorf("read %d times", w.reads)
	}
	w.clock.SetTime(w.clock.Now().Add(11 * 1e9))
	if target(); w.reads != 2 {
		t.Errorf("a changed Secret is not seen: read %d times", w.reads)
	}
}

func TestASecretThatWasMendedIsUsedAtOnce(t *testing.T) {
	w := newWorld(t, secret("cloud-private-key", nil))
	if _, err := w.access.Target(t.Context(), newHost()); err == nil {
		t.Fatal("there is no key")
	}
	var mended corev1.Secret
	if err := w.client.Get(t.Context(), types.NamespacedName{Namespace: namespace, Name: "cloud-private-key"}, &mended); err != nil {
		t.Fatal(err)
	}
	mended.Data = map[string][]byte{"private-key.pem": privateKey(t)}
	if err := w.client.Update(t.Context(), &mended); err != nil {
		t.Fatal(err)
	}
	if _, err := w.access.Target(t.Context(), newHost()); err != nil {
		t.Error(err)
	}
}

func TestTheHashOfAPublicKeyIsThatOfItsLine(t *testing.T) {
	first, second := privateKey(t), privateKey(t)
	w := newWorld(t, secret("cloud-private-key", map[string][]byte{"private-key.pem": second, "private-key-next.pem": first}))
	target, err := w.access.Target(t.Context(), newHost())
	if err != nil {
		t.Fatal(err)
	}
	hash := func(key []byte) string {
		sum := sha256.Sum256([]byte(line(t, key)))
		return hex.EncodeToString(sum[:])
	}
	if diff := cmp.Diff([]string{hash(first), hash(second)}, hostaccess.PublicKeyHashes(target)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, ok := hostaccess.LoginHash(target, fingerprint(t, second)); !ok || got != hash(second) {
		t.Errorf("got %s, %t", got, ok)
	}
	if _, ok := hostaccess.LoginHash(target, "SHA256:another"); ok {
		t.Error("a key that nobody has, has a hash")
	}
}

func line(t *testing.T, key []byte) string {
	t.Helper()
	return hostaccess.AuthorizedKey(signer(t, key))
}
