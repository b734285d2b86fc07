package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

func TestACommandGetsItsInputAndItsOutputComesBack(t *testing.T) {
	s := start(t, func(config *sshtest.Config) {
		config.Command = func(_ context.Context, p *sshtest.Process) int {
			_, _ = fmt.Fprintln(p.Stdout, p.Line)
			_, _ = io.Copy(p.Stdout, p.Stdin)
			return 0
		}
	})
	pool := newPool(t, Options{})
	input := bytes.Repeat([]byte("{\"state\": \"desired\"}\n"), 200_000) // More than the window of a channel.
	var output bytes.Buffer
	command := program("apply", "--log=C:/var/log/agent.log")
	command.Stdin, command.Stdout = input, &output
	if err := run(t, pool, s.target, command); err != nil {
		t.Fatal(err)
	}
	line, rest, _ := bytes.Cut(output.Bytes(), []byte("\n"))
	if want := `C:\\ProgramData\\mullion\\mullion-agent.exe apply --log=C:/var/log/agent.log`; string(line) != want {
		t.Errorf("want the command\n%s\ngot\n%s", want, line)
	}
	if !bytes.Equal(rest, input) {
		t.Errorf("of %d bytes %d came back", len(input), len(rest))
	}
}

func TestACommandThatReadsNothingOfItsInputMaySucceed(t *testing.T) {
	s := start(t, exits(0))
	pool := newPool(t, Options{})
	command := program("facts")
	command.Stdin = make([]byte, 8<<20)
	if err := run(t, pool, s.target, command); err != nil {
		t.Error(err)
	}
}

func TestOutputComesLineByLine(t *testing.T) {
	for sentence, test := range map[string]struct {
		output string
		want   []string
	}{
		"lines end as on Windows and elsewhere": {"one\r\ntwo\nthree\n", []string{"one", "two", "three"}},
		"the last line needs no end":            {"one\ntwo", []string{"one", "two"}},
		"empty lines count":                     {"\n\r\n", []string{"", ""}},
		"no output is no line":                  {"", nil},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, func(config *sshtest.Config) {
				config.Command = func(_ context.Context, p *sshtest.Process) int {
					for _, b := range []byte(test.output) { // However it is cut on the way.
						_, _ = p.Stdout.Write([]byte{b})
					}
					return 0
				}
			})
			pool := newPool(t, Options{})
			var got []string
			command := program("plan")
			command.Line = func(line []byte) error {
				got = append(got, string(line))
				return nil
			}
			if err := run(t, pool, s.target, command); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOutputHasLimits(t *testing.T) {
	broken := errors.New("not JSON")
	for sentence, test := range map[string]struct {
		command Command
		want    string
	}{
		"of all of it":           {Command{MaxStdout: 1000}, "the command has written more than 1000 bytes to stdout"},
		"of a line":              {Command{MaxLine: 100, Line: func([]byte) error { return nil }}, "handling its output: a line is longer than 100 bytes"},
		"set by who reads it":    {Command{Line: func([]byte) error { return broken }, MaxLine: 1 << 20}, "handling its output: not JSON"},
		"set by who takes it in": {Command{Stdout: writerFunc(func([]byte) (int, error) { return 0, broken })}, "handling its output: not JSON"},
	} {
		t.Run(sentence, func(t *testing.T) {
			s := start(t, func(config *sshtest.Config) {
				config.Command = func(ctx context.Context, p *sshtest.Process) int {
					for ctx.Err() == nil { // It never ends by itself.
						if _, err := io.WriteString(p.Stdout, strings.Repeat("x", 200)+"\n"); err != nil {
							return sshtest.NoStatus
						}
						if test.command.Stdout == nil && test.command.Line == nil {
							continue
						}
					}
					return sshtest.NoStatus
				}
			})
			pool := newPool(t, Options{})
			test.command.Path = program().Path
			err := run(t, pool, s.target, test.command)
			if err == nil || !strings.HasSuffix(err.Error(), test.want) {
				t.Errorf("want …%s, got %v", test.want, err)
			}
		})
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }

func TestAFailedCommandTellsItsStatusAndTheEndOfItsStderr(t *testing.T) {
	s := start(t, func(config *sshtest.Config) {
		config.Command = func(_ context.Context, p *sshtest.Process) int {
			for n := range 10_000 {
				_, _ = fmt.Fprintf(p.Stderr, "line %d\r\n", n)
			}
			_, _ = p.Stderr.Write([]byte("Zugriff verweigert f\x81r C:\r\n")) // Code page 437.
			return 5
		}
	})
	pool := newPool(t, Options{})
	err := as[*CommandError](t, run(t, pool, s.target, program("apply")))
	if err.Status != 5 || !strings.HasSuffix(err.Stderr, "line 9999\r\nZugriff verweigert f\uFFFDr C:\r\n") || len(err.Stderr) > stderrTail+10 {
		t.Errorf("got status %d and %d bytes: …%q", err.Status, len(err.Stderr), err.Stderr[max(0, len(err.Stderr)-60):])
	}
	if want := s.Address() + `: C:\\ProgramData\\mullion\\mullion-agent.exe apply: exit status 5: `; !strings.HasPrefix(err.Error(), want) {
		t.Errorf("want %s…, got %.200s", want, err)
	}
}

func TestACommandIsBoundedByADeadlineOfItsOwn(t *testing.T) {
	started := make(chan struct{}, 10)
	s := start(t, hangs(started))
	pool := newPool(t, Options{Command: 100 * time.Millisecond})
	err := as[*TimeoutError](t, run(t, pool, s.target, program("apply"))) // The test's context has no deadline.
	if err.Doing != `running C:\ProgramData\mullion\mullion-agent.exe` || err.After < 100*time.Millisecond || err.Host != s.Address() {
		t.Errorf("got %v", err)
	}
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error("it is no context.DeadlineExceeded")
	}
	t.Run("and the connection is good for the next one", func(t *testing.T) {
		command := program("apply")
		command.Timeout = 50 * time.Millisecond
		expect[*TimeoutError](t, run(t, pool, s.target, command))
		if got := s.Accepted(); got != 1 {
			t.Errorf("%d connections were made", got)
		}
	})
}

func TestACancelledCommandReturnsPromptly(t *testing.T) {
	started := make(chan struct{}, 1)
	s := start(t, hangs(started))
	pool := newPool(t, Options{})
	ctx, cancel := context.WithCancelCause(t.Context())
	stopping := errors.New("stopping")
	go func() {
		<-started
		cancel(stopping)
	}()
	began := time.Now()
	err := pool.Do(ctx, s.target, func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("apply")) })
	if !errors.Is(err, stopping) {
		t.Errorf("want the cause, got %v", err)
	}
	if took := time.Since(began); took > patience/2 {
		t.Errorf("it took %v", took)
	}
}

func TestAHostThatAnswersNothingCannotKeepACommand(t *testing.T) {
	started := make(chan struct{}, 1)
	s := start(t, hangs(started))
	pool := newPool(t, Options{DeadPeer: time.Hour})
	ctx, end := context.WithCancelCause(t.Context())
	go func() {
		<-started
		s.Unplug()
		end(context.DeadlineExceeded)
	}()
	err := pool.Do(ctx, s.target, func(ctx context.Context, c *Conn) error { return c.Run(ctx, program("apply")) })
	expect[*TimeoutError](t, err)
	s.Plug()
	// A session of which nobody knows whether it is closed is not left open: its connection is given up.
	command := program("apply")
	command.Timeout = time.Millisecond
	_ = run(t, pool, s.target, command)
	if got := s.Accepted(); got != 2 {
		t.Errorf("%d connections were made", got)
	}
}

func TestADisconnectInTheMiddleOfACommandIsTold(t *testing.T) {
	started := make(chan struct{}, 1)
	s := start(t, hangs(started))
	pool := newPool(t, Options{})
	go func() {
		<-started
		s.Cut()
	}()
	err := as[*DisconnectedError](t, run(t, pool, s.target, program("apply")))
	if err.Doing != `running C:\ProgramData\mullion\mullion-agent.exe` {
		t.Errorf("got %v", err)
	}
}

func TestACommandWithoutAnExitStatusWasDisconnected(t *testing.T) {
	s := start(t, exits(sshtest.NoStatus))
	pool := newPool(t, Options{})
	expect[*DisconnectedError](t, run(t, pool, s.target, program("restart")))
}

func TestAServerThatRunsNothingIsNoDisconnect(t *testing.T) {
	s := start(t, nil)
	pool := newPool(t, Options{})
	err := run(t, pool, s.target, program("facts"))
	disconnected := (*DisconnectedError)(nil)
	if err == nil || errors.As(err, &disconnected) {
		t.Errorf("got %v", err)
	}
}
