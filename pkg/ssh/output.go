package ssh

import (
	"bytes"
	"fmt"
	"io"
)

// output hands on what a command writes to stdout. After an error it takes no more, and ends the command: one whose
// output nobody reads would wait for ever.
type output struct {
	to    io.Writer
	lines *lines
	room  int64
	limit int64
	abort func(error)
	err   error
}

func newOutput(command *Command, abort func(error)) *output {
	out := &output{to: command.Stdout, limit: command.MaxStdout, abort: abort}
	if out.limit <= 0 {
		out.limit = defaultMaxStdout
	}
	out.room = out.limit
	switch {
	case command.Line != nil:
		out.lines = &lines{each: command.Line, limit: command.MaxLine}
		if out.lines.limit <= 0 {
			out.lines.limit = defaultMaxLine
		}
		out.to = out.lines
	case out.to == nil:
		out.to = io.Discard
	}
	return out
}

func (o *output) Write(data []byte) (int, error) {
	if o.err != nil {
		return 0, o.err
	}
	o.room -= int64(len(data))
	if o.room < 0 {
		return 0, o.fail(fmt.Errorf("the command has written more than %d bytes to stdout", o.limit))
	}
	if _, err := o.to.Write(data); err != nil {
		return 0, o.fail(fmt.Errorf("handling its output: %w", err))
	}
	return len(data), nil
}

func (o *output) fail(err error) error {
	o.err = err
	o.abort(err)
	return err
}

// finish hands on a last line without an end.
func (o *output) finish() error {
	if o.err != nil || o.lines == nil {
		return o.err
	}
	if err := o.lines.finish(); err != nil {
		return fmt.Errorf("handling its output: %w", err)
	}
	return nil
}

// lines calls a function for each line that is written to it.
type lines struct {
	each  func([]byte) error
	limit int
	begun []byte
}

func (l *lines) Write(data []byte) (int, error) {
	rest := data
	for {
		line, after, found := bytes.Cut(rest, []byte("\n"))
		if len(l.begun)+len(line) > l.limit {
			return 0, fmt.Errorf("a line is longer than %d bytes", l.limit)
		}
		l.begun = append(l.begun, line...)
		if !found {
			return len(data), nil
		}
		if err := l.finishLine(); err != nil {
			return 0, err
		}
		rest = after
	}
}

func (l *lines) finishLine() error {
	line := bytes.TrimSuffix(l.begun, []byte("\r"))
	l.begun = l.begun[:0]
	return l.each(line)
}

func (l *lines) finish() error {
	if len(l.begun) == 0 {
		return nil
	}
	return l.finishLine()
}

// tail keeps the end of what is written to it.
type tail struct {
	size int
	kept []byte
}

func (t *tail) Write(data []byte) (int, error) {
	t.kept = append(t.kept, data[max(0, len(data)-t.size):]...)
	if excess := len(t.kept) - t.size; excess > 0 {
		t.kept = append(t.kept[:0], t.kept[excess:]...)
	}
	return len(data), nil
}

// String replaces what is not UTF-8: a Windows program may write in any code page.
func (t *tail) String() string { return string(bytes.ToValidUTF8(t.kept, []byte("\uFFFD"))) }
