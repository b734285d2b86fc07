package app

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/protocol"
)

// serviceName is the name under which the service writes to the event log, whatever the service is called.
const serviceName = "mullion-agent"

const (
	defaultInterval = 5 * time.Minute
	shortest        = time.Second
)

// errRestart ends the service so that its next process runs the new program.
var errRestart = errors.New("the program of this service was replaced; it ends to be started anew")

// serve runs as a service.
func serve(args []string, streams Streams, platform Platform) int {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	interval := flags.Duration("interval", defaultInterval, "how often the host is compared with what was applied last")
	if err := flags.Parse(args); err != nil {
		return misused(streams, err.Error())
	}
	if *interval < shortest || flags.NArg() > 0 {
		return misused(streams, fmt.Sprintf("serve takes nothing but an --interval of %s at least", shortest))
	}
	err := platform.RunService(serviceName, func(ctx context.Context, name string) error {
		return keep(ctx, platform, name, *interval)
	})
	if err != nil {
		say(streams.Err, "running as a service: %v", err)
		return protocol.ExitFailed
	}
	return protocol.ExitDone
}

// keep keeps the host as it was applied last, until the context ends.
func keep(ctx context.Context, platform Platform, service string, interval time.Duration) (err error) {
	log, err := platform.OpenEventLog(serviceName)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	applier, err := newApplier(platform, "serve", service)
	if err != nil {
		return errors.Join(err, log.Error(err.Error()))
	}
	k := keeper{applier: applier, service: service, interval: interval, now: time.Now}
	announcer := announcer{log: log}
	own := identify(ctx, applier.Host, platform.Program, service)
	stopped := func() error {
		if own.replaced(ctx, applier.Host, service) {
			return errors.Join(errRestart, log.Info(errRestart.Error()))
		}
		return nil
	}
	for {
		status, restart := k.pass(ctx)
		if ctx.Err() != nil {
			return stopped() // What it has found is that it was told to stop.
		}
		if restart {
			return errors.Join(errRestart, log.Info(errRestart.Error()))
		}
		wait := k.next(status)
		status.Next = status.Time.Add(wait)
		if err := writeStatus(ctx, applier.Host.Files, applier.Store, status); err != nil && ctx.Err() == nil {
			status.Outcome, status.Error = protocol.OutcomeFailed, err.Error()
		}
		// That the event log is full, or switched off, must not keep the host from being repaired.
		_ = announcer.announce(status)
		if err := applier.Host.System.Wait(ctx, wait); err != nil {
			return stopped()
		}
	}
}
