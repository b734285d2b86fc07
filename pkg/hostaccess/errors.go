package hostaccess

import (
	"fmt"

	"k8s.io/apimachinery/pkg/types"
)

// Error tells why a host cannot be logged in to before anybody has tried. It never has anything of a key in it.
type Error struct {
	// Reason is the one for the host's status, such as v1alpha1.ReasonKeySecretInvalid.
	Reason string
	Err    error
}

func (e *Error) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Error) Unwrap() error { return e.Err }

// keyError is what is wrong with one key of a Secret.
func keyError(secret types.NamespacedName, entry string, err error) error {
	return fmt.Errorf("key %q of Secret %s: %w", entry, secret, err)
}
