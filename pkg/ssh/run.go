package ssh

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// Limits of what is kept of a command's output.
const (
	stderrTail       = 8 << 10
	defaultMaxLine   = 1 << 20
	defaultMaxStdout = 64 << 20
)

// Run runs a command and returns when it has ended, with a *CommandError if its status is not 0. If the context ends
// before, the command is killed as far as SSH can: the server of OpenSSH on Windows ends the shell, and what that has
// started loses its stdin, stdout and stderr, and may go on. A server that keeps the session open until the program has
// ended loses the connection, see closeGrace. A host that restarts leaves a *DisconnectedError.
func (c *Conn) Run(ctx context.Context, command Command) error {
	line, err := command.line()
	if err != nil {
		return err
	}
	if command.Timeout <= 0 {
		command.Timeout = c.options.Command
	}
	ctx, cancel := context.WithTimeout(ctx, command.Timeout)
	defer cancel()
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)

	began, doing := time.Now(), "running "+command.Path
	session, err := c.session(ctx)
	if err != nil {
		return c.explain(ctx, doing, began, err)
	}
	defer session.Close()
	out := newOutput(&command, abort)
	stderr := &tail{size: stderrTail}
	session.Stdout, session.Stderr = out, stderr
	interrupt := func() {
		_ = session.Signal(ssh.SIGKILL)
		_ = session.Close()
	}
	err = c.during(ctx, interrupt, func() error {
		if err := execute(session, line, command.Stdin); err != nil {
			return err
		}
		return out.finish()
	})
	return c.explain(ctx, doing, began, commandError(c.host, line, stderr, err))
}

// execute runs a command line in a session, and feeds it. A program need not read what it is given.
func execute(session *ssh.Session, line string, input []byte) error {
	stdin, err := session.StdinPipe()
	if err != nil {
		return fmt.Errorf("opening stdin: %w", err)
	}
	if err := session.Start(line); err != nil {
		return fmt.Errorf("starting: %w", err)
	}
	var feeding sync.WaitGroup
	feeding.Go(func() {
		_, _ = stdin.Write(input)
		_ = stdin.Close()
	})
	err = session.Wait()
	feeding.Wait() // It ends with the session.
	return err
}

// commandError tells a status other than 0 from everything else.
func commandError(host, line string, stderr *tail, err error) error {
	exit := (*ssh.ExitError)(nil)
	if !errors.As(err, &exit) {
		return err
	}
	return &CommandError{Host: host, Command: line, Status: exit.ExitStatus(), Signal: exit.Signal(), Stderr: stderr.String()}
}
