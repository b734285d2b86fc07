package winhost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"

	"golang.org/x/crypto/ssh"
)

// Result is what became of a command.
type Result struct {
	Stdout, Stderr string
	ExitCode       int
}

// Dial connects to the host through its network, as its administrator.
func (h *Host) Dial(ctx context.Context) (*ssh.Client, error) {
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", h.Address())
	if err != nil {
		return nil, fmt.Errorf("connecting to the host: %w", err)
	}
	giveUp := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer giveUp()
	secure, channels, requests, err := ssh.NewClientConn(connection, h.Address(), &ssh.ClientConfig{
		User:              h.User(),
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(h.key)},
		HostKeyCallback:   ssh.FixedHostKey(h.HostKeys()[0]),
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
	})
	if err != nil {
		_ = connection.Close() // The error to report is the one above.
		return nil, fmt.Errorf("logging on to the host: %w", errors.Join(err, context.Cause(ctx)))
	}
	return ssh.NewClient(secure, channels, requests), nil
}

// Exec runs a command line in the host's default shell. That the exit code is not 0 is no error; that there is none is,
// an *ssh.ExitMissingError.
func (h *Host) Exec(ctx context.Context, line string) (Result, error) {
	client, err := h.Dial(ctx)
	if err != nil {
		return Result{}, err
	}
	defer func() { _ = client.Close() }() // All that was to be read has been.
	giveUp := context.AfterFunc(ctx, func() { _ = client.Close() })
	defer giveUp()
	session, err := client.NewSession()
	if err != nil {
		return Result{}, fmt.Errorf("opening a session on the host: %w", err)
	}
	var stdout, stderr bytes.Buffer
	session.Stdout, session.Stderr = &stdout, &stderr
	err = session.Run(line)
	result := Result{Stdout: stdout.String(), Stderr: stderr.String()}
	var exit *ssh.ExitError
	if errors.As(err, &exit) {
		result.ExitCode = exit.ExitStatus()
		return result, nil
	}
	if err != nil {
		return result, fmt.Errorf("running %q on the host: %w", line, errors.Join(err, context.Cause(ctx)))
	}
	return result, nil
}
