package app

import (
	"context"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/host"
	"github.com/mullion-dev/mullion/pkg/agent/observe"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// identity is what a service runs, as it was when it started. The zero value is not known.
type identity struct {
	program winpath.Path
	// digest is that of the program, and config the service's configuration; either is empty if it is not known.
	digest, config string
}

// identify reads it. That it cannot be read is no reason not to look after the host.
func identify(ctx context.Context, on host.Host, program winpath.Path, service string) identity {
	i := identity{program: program}
	if digest, err := observe.FileDigest(ctx, on.Files, program); err == nil {
		i.digest = digest
	}
	if is, err := on.Services.Service(ctx, service); err == nil {
		if encoded, err := state.Encode(is.Config); err == nil {
			i.config = state.Digest(encoded)
		}
	}
	return i
}

// answerLimit is how long a service that is told to stop may take to find out what it was told to stop for.
const answerLimit = 10 * time.Second

// replaced tells whether the service runs something else from its next start on. Then it ends with an error, after which
// Windows starts it if its recovery actions say so: whoever has stopped it means to start it, and may not live to do it.
func (i identity) replaced(ctx context.Context, on host.Host, service string) bool {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerLimit)
	defer cancel()
	now := identify(ctx, on, i.program, service)
	differs := func(before, after string) bool { return before != "" && after != "" && before != after }
	return differs(i.digest, now.digest) || differs(i.config, now.config)
}
