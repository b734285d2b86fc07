package hosttest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// check is one run of a contract. It collects what is wrong instead of failing a test, so that a difference can be
// expected.
type check struct {
	Subject
	t      *testing.T
	broken []string
}

// run returns what is wrong. The contract has a goroutine of its own, which it can end.
func run(t *testing.T, subject Subject, keeps contract) []string {
	t.Helper()
	c := &check{Subject: subject, t: t}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		keeps(c)
	}()
	<-ended
	return c.broken
}

// patience is for what takes a second on a quiet machine.
const patience = time.Minute

func (c *check) ctx() context.Context {
	ctx, cancel := context.WithTimeout(c.t.Context(), patience)
	c.t.Cleanup(cancel)
	return ctx
}

// wrong notes what is wrong.
func (c *check) wrong(format string, arguments ...any) {
	c.broken = append(c.broken, fmt.Sprintf(format, arguments...))
}

// must ends the contract at an error.
func (c *check) must(errs ...error) {
	if err := errors.Join(errs...); err != nil {
		c.wrong("%v", err)
		runtime.Goexit()
	}
}

// is wants an error to be one of package host or fs, or any at all if the target is nil.
func (c *check) is(what string, err, target error) {
	switch {
	case err == nil:
		c.wrong("%s: there is no error", what)
	case target != nil && !errors.Is(err, target):
		c.wrong("%s: the error is %v, and not: %v", what, err, target)
	}
}

// equal compares.
func (c *check) equal(what string, want, got any) {
	if diff := cmp.Diff(want, got); diff != "" {
		c.wrong("%s (-want +got):\n%s", what, diff)
	}
}

// write makes a file.
func (c *check) write(path winpath.Path, content string) {
	file, err := c.Host.Files.Create(c.ctx(), path, false)
	c.must(err)
	_, err = io.WriteString(file, content)
	c.must(err, file.Sync(), file.Close())
}

// read is the content of a file.
func (c *check) read(path winpath.Path) string {
	file, err := c.Host.Files.Open(c.ctx(), path)
	c.must(err)
	content, err := io.ReadAll(file)
	c.must(err, file.Close())
	return string(content)
}

// eventually waits until something is so.
func (c *check) eventually(what string, condition func() bool) {
	ctx := c.ctx()
	for !condition() {
		if err := c.Host.System.Wait(ctx, 50*time.Millisecond); err != nil {
			c.wrong("waiting until %s: %v", what, err)
			return
		}
	}
}
