package reviewserver

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Child is a process that serves reviews.
type Child struct {
	hello   hello
	command *exec.Cmd
	input   io.WriteCloser
}

// Start runs this program again with the arguments, by which it is to call [Serve], and returns when it serves. The
// child ends when stopped or when the context ends, and in any case when this process does.
func Start(ctx context.Context, args ...string) (*Child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program is this one
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making the child's input: %w", err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making the child's output: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the child: %w", err)
	}
	c := &Child{command: command, input: input}
	line, err := bufio.NewReader(output).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &c.hello)
	}
	if err != nil {
		return nil, fmt.Errorf("waiting until the child serves: %w", cmp.Or(c.Stop(), err))
	}
	return c, nil
}

// URL is where reviews are to be sent.
func (c *Child) URL() string { return "https://" + c.hello.Address + path }

// Certificate is the PEM by which clients can trust the child.
func (c *Child) Certificate() []byte { return c.hello.Certificate }

// PID is the child's process id.
func (c *Child) PID() int { return c.command.Process.Pid }

// Stop ends the child by ending its input, and waits until it has gone.
func (c *Child) Stop() error {
	_ = c.input.Close() // an input that is closed already has the same effect
	if err := c.command.Wait(); err != nil {
		return fmt.Errorf("stopping the child: %w", err)
	}
	return nil
}
