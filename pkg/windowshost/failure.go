package windowshost

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// failure is an error with the word for it in the status.
type failure struct {
	reason string
	err    error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

// because gives an error a reason.
func because(reason string, err error) error {
	if err == nil {
		return nil
	}
	return &failure{reason, err}
}

// becausef is because for a new error.
func becausef(reason, format string, args ...any) error {
	return because(reason, fmt.Errorf(format, args...))
}

// reasonOf is the word for an error: the one that it was given, or what it follows from.
func reasonOf(err error) string {
	var (
		given        *failure
		access       *hostaccess.Error
		mismatch     *hostkey.MismatchError
		unknown      *hostkey.UnknownError
		unauthorized *ssh.AuthenticationError
		name         *net.DNSError
	)
	switch {
	case errors.As(err, &given):
		return given.reason
	case errors.As(err, &access):
		return access.Reason
	case errors.As(err, &mismatch):
		return v1alpha1.ReasonHostKeyMismatch
	case errors.As(err, &unknown):
		return v1alpha1.ReasonHostKeyUnknown
	case errors.As(err, &unauthorized):
		return v1alpha1.ReasonNotAuthorized
	case errors.As(err, &name):
		return v1alpha1.ReasonNameNotResolved
	case unreachable(err):
		return v1alpha1.ReasonUnreachable
	default:
		return v1alpha1.ReasonInternal
	}
}

// unreachable tells that a host was not reached, or not to the end. Whether it did as it was asked is not known.
func unreachable(err error) bool {
	var (
		away         *ssh.UnreachableError
		disconnected *ssh.DisconnectedError
		late         *ssh.TimeoutError
	)
	return errors.As(err, &away) || errors.As(err, &disconnected) || errors.As(err, &late) ||
		errors.Is(err, context.DeadlineExceeded)
}
