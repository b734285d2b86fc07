// Package app is the host agent's commands.
//
// facts, plan, apply, verify, remove and digest read a request from standard input, and write lines of JSON to
// standard output, of which the last one is the result, as package protocol has it. Without a request, facts, verify
// and remove do what their names say: that is for people on the host.
package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/apply"
	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/store"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
	"github.com/mullion-dev/mullion/pkg/version"
)

// Platform is what the program needs of Windows.
type Platform struct {
	// Program is where the program is that runs; empty if that is not known.
	Program winpath.Path
	// Open opens the host. The service is the name of the one that the program runs as, if it does.
	Open func(service string) (host.Host, error)
	// RunService runs the program as a service until that is stopped, which ends the context. The function gets the
	// service's name. If it returns an error, the process ends in a way that counts as a crash.
	RunService func(name string, run func(ctx context.Context, name string) error) error
	// OpenEventLog opens the event log, and makes the source known to it.
	OpenEventLog func(source string) (EventLog, error)
	// RemoveEventSource takes that back; nil also if there was nothing.
	RemoveEventSource func(source string) error
}

// EventLog is where a service tells administrators what happens.
type EventLog interface {
	Info(text string) error
	Warning(text string) error
	Error(text string) error
	Close() error
}

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

const usage = `mullion-agent makes a Windows host what a node manager wants it to be, and gives it back.

  mullion-agent facts            what is true of the host
  mullion-agent plan             what would have to be done (needs a request on standard input)
  mullion-agent apply            do it (needs a request on standard input)
  mullion-agent verify           compare the host with what was applied last
  mullion-agent remove           give the host back as it was before
  mullion-agent digest           find the digest of a file that was brought here (needs a request on standard input)
  mullion-agent support-bundle FILE.zip
                                 collect what helps to find out what is wrong, without secrets
  mullion-agent serve [--interval 5m]
                                 run as a Windows service that repairs what drifts
  mullion-agent version          show the version

Exit codes: 0 done, 10 there is something to do, 11 reboot required, 12 refused, 13 content is missing,
14 somebody else changes the host, 15 the request is invalid, 16 failed, 17 something else was applied last.
`

// Run runs a command and returns its exit code.
func Run(ctx context.Context, args []string, streams Streams, platform Platform) int {
	command := ""
	if len(args) > 0 {
		command, args = args[0], args[1:]
	}
	switch command {
	case "facts", "plan", "apply", "verify", "remove", "digest":
		if len(args) > 0 {
			return misused(streams, fmt.Sprintf("%s takes no arguments: the request is on standard input", command))
		}
		return answer(ctx, protocol.Command(command), streams, platform)
	case "serve":
		return serve(args, streams, platform)
	case "support-bundle":
		return supportBundle(ctx, args, streams, platform)
	case "version":
		say(streams.Out, "%s", version.Get())
		return protocol.ExitDone
	case "help", "--help", "-h":
		say(streams.Out, "%s", usage)
		return protocol.ExitDone
	case "":
		return misused(streams, "there is no command")
	default:
		return misused(streams, fmt.Sprintf("there is no command %q", command))
	}
}

func misused(streams Streams, why string) int {
	say(streams.Err, "%s\n\n%s", why, usage)
	return protocol.ExitInvalid
}

// say writes a line for people. Whoever reads may have gone, which changes nothing here.
func say(to io.Writer, format string, arguments ...any) {
	_, _ = fmt.Fprintf(to, format+"\n", arguments...)
}

// newApplier is for the host that the platform opens.
func newApplier(platform Platform, command, service string) (apply.Applier, error) {
	opened, err := platform.Open(service)
	if err != nil {
		return apply.Applier{}, fmt.Errorf("opening the host: %w", err)
	}
	return apply.Applier{
		Host:   opened,
		Store:  store.New(opened.Files, store.DefaultRoot),
		Holder: fmt.Sprintf("mullion-agent %s, process %d, since %s", command, os.Getpid(), time.Now().UTC().Format(time.RFC3339)),
		Limits: apply.DefaultLimits(),
	}, nil
}
