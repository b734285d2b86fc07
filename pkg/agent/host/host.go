package host

import (
	"context"
	"time"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Host is everything together.
type Host struct {
	Files        FileSystem
	Services     Services
	Environment  Environment
	Registry     Registry
	Certificates Certificates
	Firewall     Firewall
	Features     Features
	Networks     Networks
	Routes       Routes
	System       System
}

// System is the host as a whole.
type System interface {
	// Facts are what is true now. What cannot be found out stays empty; an error means that not even the build can.
	// ClockSkewSeconds and ServiceSummary.Ours are not for the host to know. Services are those of the given names
	// and those that have to do with containers and Kubernetes.
	Facts(ctx context.Context, services []string) (state.Facts, error)
	// SetHostname sets the name that the host has from the next boot on.
	SetHostname(ctx context.Context, name string) error
	// Flush makes durable what was changed through every interface other than FileSystem. On Windows all of that is
	// in the registry: RegFlushKey.
	Flush(ctx context.Context) error
	// Lock takes the lock of that name, which one process at a time can have. It is a lock of the operating system:
	// it ends with the process, however that ends, and so cannot be left behind. It returns a *LockedError at once
	// if another process has it. The holder is a line of text that this other process shows. The directory of the path
	// is there; after unlock nothing is left in it, so that it can be deleted.
	Lock(ctx context.Context, path winpath.Path, holder string) (unlock func() error, err error)
	// Wait returns nil after the duration, or the context's error.
	Wait(ctx context.Context, duration time.Duration) error
}
