package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// child is a process that serves one contender.
type child struct {
	contender contender
	hello     hello

	command *exec.Cmd
	input   io.WriteCloser
	output  *bufio.Reader
}

// startChild runs this program again to serve the contender. It ends when stopped, and in any case when this
// process does.
func startChild(ctx context.Context, contender contender, profiles string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("finding this program: %w", err)
	}
	args := []string{"-serve", contender.name}
	if profiles != "" {
		args = append(args, "-profile", filepath.Join(profiles, contender.name+".pprof"))
	}
	command := exec.CommandContext(ctx, program, args...) //nolint:gosec // the program is this one
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("making the input of %s: %w", contender.name, err)
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("making the output of %s: %w", contender.name, err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", contender.name, err)
	}
	c := &child{contender: contender, command: command, input: input, output: bufio.NewReader(output)}
	if err := c.read(&c.hello); err != nil {
		return nil, fmt.Errorf("waiting for %s: %w", contender.name, cmp.Or(c.stop(), err))
	}
	return c, nil
}

// usage asks the process what it has used so far.
func (c *child) usage() (usage, error) {
	var u usage
	if _, err := io.WriteString(c.input, "\n"); err != nil {
		return u, fmt.Errorf("asking %s for its usage: %w", c.contender.name, err)
	}
	if err := c.read(&u); err != nil {
		return u, fmt.Errorf("reading the usage of %s: %w", c.contender.name, err)
	}
	return u, nil
}

func (c *child) read(into any) error {
	line, err := c.output.ReadBytes('\n')
	if err != nil {
		return err
	}
	return json.Unmarshal(line, into)
}

// stop ends the process by ending its input, and waits until it has gone.
func (c *child) stop() error {
	_ = c.input.Close() // an input that is closed already has the same effect
	if err := c.command.Wait(); err != nil {
		return fmt.Errorf("stopping %s: %w", c.contender.name, err)
	}
	return nil
}
