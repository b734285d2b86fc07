package hostaccess

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/pkg/ssh/key"
)

const (
	// mainKey is the name of the private key, as the Windows Machine Config Operator has it.
	mainKey = "private-key.pem"
	// nextKey is the name of the one that is to become the main key. It is tried first.
	nextKey = "private-key-next.pem"
	// keySuffix ends the names of all private keys; what else is in the Secret is not looked at.
	keySuffix = ".pem"
	// retiringSuffix ends the names of keys that are on their way out.
	retiringSuffix = ".retiring.pem"
	// maxKeys is how many keys a server of OpenSSH lets somebody try: its MaxAuthTries is 6.
	maxKeys = 6
)

// Keys are the private keys of a Secret, in the order in which they are tried. They are immutable.
type Keys struct {
	secret types.NamespacedName
	all    []privateKey
}

type privateKey struct {
	signer   ssh.Signer
	retiring bool
}

// parse reads the keys of a Secret. No error has anything of a key in it.
func parse(secret types.NamespacedName, data map[string][]byte) (*Keys, error) {
	keys, seen := &Keys{secret: secret}, map[string]bool{}
	for _, entry := range inOrder(data) {
		signer, err := key.Parse(data[entry])
		if err != nil {
			return nil, keyError(secret, entry, err)
		}
		// The same key under two names is one; what is retiring comes last, so a key that is also in use is in use.
		if fingerprint := ssh.FingerprintSHA256(signer.PublicKey()); !seen[fingerprint] {
			seen[fingerprint] = true
			keys.all = append(keys.all, privateKey{signer: signer, retiring: strings.HasSuffix(entry, retiringSuffix)})
		}
	}
	switch {
	case len(keys.all) == 0:
		return nil, fmt.Errorf("there is no private key in Secret %s: want one as %s", secret, mainKey)
	case len(keys.all) > maxKeys:
		return nil, fmt.Errorf("there are %d private keys in Secret %s, and OpenSSH lets nobody try more than %d",
			len(keys.all), secret, maxKeys)
	case keys.all[0].retiring:
		return nil, keyError(secret, mainKey, errors.New("it is missing, and every other key is retiring"))
	}
	return keys, nil
}

// Secret is where the keys are.
func (k *Keys) Secret() types.NamespacedName { return k.secret }

// inOrder are the names of private keys in the order in which they are tried.
func inOrder(data map[string][]byte) []string {
	names := slices.DeleteFunc(slices.Collect(maps.Keys(data)), func(name string) bool { return !strings.HasSuffix(name, keySuffix) })
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	return names
}

func rank(name string) int {
	switch {
	case name == nextKey:
		return 0
	case name == mainKey:
		return 1
	case strings.HasSuffix(name, retiringSuffix):
		return 3
	default:
		return 2
	}
}

// Signers are the keys in the order in which they are tried.
func (k *Keys) Signers() []ssh.Signer {
	signers := make([]ssh.Signer, len(k.all))
	for i := range k.all {
		signers[i] = k.all[i].signer
	}
	return signers
}

// AuthorizedKeys are the lines of authorized_keys that a host shall have, by the fingerprint of the key by which it was
// logged in to last. A retiring key is wanted only as long as it is that one, for then no other is known to work.
func (k *Keys) AuthorizedKeys(login string) []string {
	var lines []string
	for _, private := range k.all {
		if !private.retiring || ssh.FingerprintSHA256(private.signer.PublicKey()) == login {
			lines = append(lines, AuthorizedKey(private.signer))
		}
	}
	return lines
}

// RetiredKeys are the lines of keys that are to let nobody in to a host any more, by the fingerprint of the key by which
// it was logged in to last. There are none before that is one that stays: only then it is known that no other is needed.
func (k *Keys) RetiredKeys(login string) []string {
	var lines []string
	proven := false
	for _, private := range k.all {
		if private.retiring {
			lines = append(lines, AuthorizedKey(private.signer))
		} else if ssh.FingerprintSHA256(private.signer.PublicKey()) == login {
			proven = true
		}
	}
	if !proven {
		return nil
	}
	return lines
}

// Retiring tells whether a host that was logged in to last by the key with this fingerprint still depends on a key that
// is on its way out.
func (k *Keys) Retiring(login string) bool {
	return slices.ContainsFunc(k.all, func(private privateKey) bool {
		return private.retiring && ssh.FingerprintSHA256(private.signer.PublicKey()) == login
	})
}
