package userdata

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/key"
)

// publicKeys are those of the private keys in a Secret: of every entry whose name ends in .pem, but not of those that end in
// .retiring.pem, which no new machine shall accept. No error has anything of a key in it.
func publicKeys(data map[string][]byte) ([]ssh.PublicKey, error) {
	var keys []ssh.PublicKey
	for _, name := range slices.Sorted(maps.Keys(data)) {
		if !strings.HasSuffix(name, ".pem") || strings.HasSuffix(name, ".retiring.pem") {
			continue
		}
		private, err := key.Parse(data[name])
		if err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
		keys = append(keys, private.PublicKey())
	}
	if len(keys) == 0 {
		return nil, errors.New("there is no private key: want one as private-key.pem")
	}
	return keys, nil
}
