package windowshost

import (
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// advised adds to why a host was not let into what somebody has to do. Why one is out of reach says that itself, or passes.
func advised(err error, host *v1alpha1.WindowsHost, keys *hostaccess.Keys) error {
	var (
		mismatch     *hostkey.MismatchError
		unknown      *hostkey.UnknownError
		unauthorized *ssh.AuthenticationError
	)
	switch {
	case keys.Retiring(host.Status.Login):
		// As far as is known it takes no key but one that is on its way out: whoever retires that must not lose the host with it.
		return fmt.Errorf("%w. It has taken the retiring key %s last: leave that in the Secret until the host is back", err, host.Status.Login)
	case host.Spec.Jump != nil:
		return err // It may be about the host to go through, which is configured elsewhere.
	case errors.As(err, &mismatch) && host.Spec.HostKeys.TrustOnFirstUse:
		return fmt.Errorf("%w. If it was, compare the new key with the one on the host's console, and add it to spec.hostKeys.fingerprints "+
			"or take the old one out of status.hostKey", err)
	case errors.As(err, &mismatch):
		return fmt.Errorf("%w. If it was, compare the new key with the one on the host's console, and add it to spec.hostKeys.fingerprints", err)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w. Compare it with the one on the host's console, and add it to spec.hostKeys.fingerprints", err)
	case errors.As(err, &unauthorized):
		return fmt.Errorf(`%w. Put the public key of one of them into C:\ProgramData\ssh\administrators_authorized_keys on the host, `+
			"or a private key that it accepts into Secret %s", err, keys.Secret())
	default:
		return err
	}
}
