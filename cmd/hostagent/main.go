// Command hostagent is what runs on a Windows host, as mullion-agent.exe: a node manager asks it over SSH what the host
// is, and lets it make the host what it shall be. As a service it keeps it so.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/mullion-dev/mullion/cmd/hostagent/app"
	"github.com/mullion-dev/mullion/pkg/agent/winhost"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := app.Run(ctx, os.Args[1:], app.Streams{In: input(), Out: os.Stdout, Err: os.Stderr}, app.Platform{
		Program:           program(),
		Open:              winhost.Open,
		RunService:        winhost.RunService,
		OpenEventLog:      func(source string) (app.EventLog, error) { return winhost.OpenEventLog(source) },
		RemoveEventSource: winhost.RemoveEventSource,
	})
	stop()
	os.Exit(code)
}

// program is where this program is; empty if Windows does not tell.
func program() winpath.Path {
	executable, err := os.Executable()
	if err != nil {
		return ""
	}
	path, err := winpath.Parse(executable)
	if err != nil {
		return ""
	}
	return path
}

// input is nothing if it would be a person's keyboard.
func input() io.Reader {
	info, err := os.Stdin.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice != 0 {
		return strings.NewReader("")
	}
	return os.Stdin
}
