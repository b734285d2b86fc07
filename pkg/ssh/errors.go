package ssh

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"
)

// ErrPoolClosed is what a pool answers after Close.
var ErrPoolClosed = errors.New("the pool of SSH connections is closed")

// UnreachableError tells that a host was not reached: its name does not resolve, nothing listens, there is no route,
// or what listens does not speak SSH as we do.
type UnreachableError struct {
	Host string
	Err  error
}

func (e *UnreachableError) Error() string {
	return fmt.Sprintf("reaching %s over SSH: %v", e.Host, e.Err)
}

// Unwrap returns why.
func (e *UnreachableError) Unwrap() error { return e.Err }

// AuthenticationError tells that a host is the right one, and does not let us in.
type AuthenticationError struct {
	Host, User string
	// Tried are the fingerprints of the keys that were offered, in this order, as ssh-keygen -l prints them.
	Tried []string
	// Err is what the host said, nil if it only refused.
	Err error
}

func (e *AuthenticationError) Error() string {
	keys := "no key was given"
	if len(e.Tried) > 0 {
		keys = "tried " + strings.Join(e.Tried, ", ")
	}
	text := fmt.Sprintf("logging in to %s as %s: the host accepts none of the keys: %s", e.Host, e.User, keys)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns what the host said.
func (e *AuthenticationError) Unwrap() error { return e.Err }

// TimeoutError tells that something took longer than it may. It is a context.DeadlineExceeded.
type TimeoutError struct {
	Host string
	// Doing is what was attempted, such as connecting.
	Doing string
	// After is how long it took until then.
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: timed out after %v: %s", e.Host, e.After.Round(time.Millisecond), e.Doing)
}

// Unwrap returns context.DeadlineExceeded.
func (e *TimeoutError) Unwrap() error { return context.DeadlineExceeded }

// DisconnectedError tells that a connection, or a session in it, ended before what was done over it. Whether that took
// effect is not known.
type DisconnectedError struct {
	Host, Doing string
	Err         error
}

func (e *DisconnectedError) Error() string {
	return fmt.Sprintf("%s: disconnected: %s: %v", e.Host, e.Doing, e.Err)
}

// Unwrap returns how the connection ended.
func (e *DisconnectedError) Unwrap() error { return e.Err }

// CommandError tells that a command ran, and ended with a status other than 0.
type CommandError struct {
	Host, Command string
	// Status is what the shell of the host makes of the command's exit code: PowerShell makes 1 of all that are not 0.
	Status int
	// Signal ended the command, without SIG. It is empty on Windows.
	Signal string
	// Stderr is the end of what the command wrote there: 8 KiB at most.
	Stderr string
}

func (e *CommandError) Error() string {
	how := fmt.Sprintf("exit status %d", e.Status)
	if e.Signal != "" {
		how = "signal " + e.Signal
	}
	text := fmt.Sprintf("%s: %s: %s", e.Host, e.Command, how)
	if said := strings.TrimSpace(e.Stderr); said != "" {
		text += ": " + said
	}
	return text
}

// CorruptedError tells that a file on the host, or the source of it, is not what it should be.
type CorruptedError struct {
	// Of is which of them.
	Of        string
	Want, Got [32]byte
}

func (e *CorruptedError) Error() string {
	return fmt.Sprintf("%s has the SHA-256 %s instead of %s", e.Of, hex.EncodeToString(e.Got[:]), hex.EncodeToString(e.Want[:]))
}

// lost is whether an error is how the libraries tell that a connection, or a session in it, has ended.
func lost(err error) bool {
	var (
		status  *ssh.ExitMissingError
		network net.Error
	)
	return errors.As(err, &status) || errors.As(err, &network) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, sftp.ErrSSHFxConnectionLost) || errors.Is(err, sftp.ErrSSHFxNoConnection)
}
