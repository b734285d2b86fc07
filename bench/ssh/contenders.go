package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"net"
	"os"
	"os/exec"

	"github.com/mullion-dev/mullion/pkg/ssh"
)

// contender is a way to get the file to the host.
type contender struct {
	title  string
	upload func(context.Context) error
}

// contenders are the ways that there are on this machine, the one first with which the others are compared.
func (s *scene) contenders() []contender {
	ours := []contender{
		{"mullion, verified by the host", func(ctx context.Context) error {
			return s.upload(ctx, func(_ context.Context, path string) ([sha256.Size]byte, error) { return digestOf(path) })
		}},
		{"mullion, verified by reading back", func(ctx context.Context) error { return s.upload(ctx, nil) }},
	}
	program, err := exec.LookPath("sftp")
	if err != nil {
		fmt.Fprintln(os.Stderr, "THE SFTP OF OPENSSH IS NOT INSTALLED: NOTHING TO COMPARE WITH (Debian: apt-get install openssh-client)")
		return ours
	}
	return append([]contender{{"sftp of OpenSSH", func(ctx context.Context) error { return s.sftp(ctx, program) }}}, ours...)
}

// upload does what the node manager does, with a connection of its own.
func (s *scene) upload(ctx context.Context, digest func(context.Context, string) ([sha256.Size]byte, error)) error {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	return pool.Do(ctx, s.target, func(ctx context.Context, c *ssh.Conn) error {
		_, err := c.Upload(ctx, ssh.Upload{Source: s.file, Size: s.size, SHA256: s.sum, Path: s.arrival, Digest: digest})
		return err
	})
}

// sftp runs the program.
func (s *scene) sftp(ctx context.Context, program string) error {
	host, port, err := net.SplitHostPort(s.server.Address())
	if err != nil {
		return fmt.Errorf("running sftp: %w", err)
	}
	command := exec.CommandContext(ctx, program, "-q", //nolint:gosec // The sftp of this machine.
		"-b", "-", "-F", "none", "-P", port, "-i", s.server.KeyFile,
		"-o", "IdentitiesOnly=yes", "-o", "UserKnownHostsFile="+s.server.KnownHosts, "-o", "StrictHostKeyChecking=yes",
		s.server.User+"@"+host)
	command.Stdin = bytes.NewReader(fmt.Appendf(nil, "put %s %s\n", s.source, s.arrival))
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("running sftp: %w: %s", err, output)
	}
	return nil
}

// unchanged is the traffic of looking after a host on which there is nothing to do: logging in, one command, and an
// upload of what is there.
func (s *scene) unchanged(ctx context.Context) (ssh.Traffic, error) {
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	var traffic ssh.Traffic
	err := pool.Do(ctx, s.target, func(ctx context.Context, c *ssh.Conn) error {
		if err := c.Run(ctx, ssh.Command{Path: "/bin/cat", Stdin: make([]byte, 4<<10)}); err != nil {
			return err
		}
		done, err := c.Upload(ctx, ssh.Upload{Source: s.file, Size: s.size, SHA256: s.sum, Path: s.arrival,
			Digest: func(context.Context, string) ([sha256.Size]byte, error) { return s.sum, nil }})
		if err == nil && !done.Skipped {
			err = fmt.Errorf("%d bytes of what is there were sent again", done.Sent)
		}
		traffic = c.Traffic()
		return err
	})
	return traffic, err
}
