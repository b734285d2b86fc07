package host

import (
	"context"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Services is the service control manager.
type Services interface {
	// Service describes a service. One that is marked for deletion, though it is still listed, is
	// ErrMarkedForDelete.
	Service(ctx context.Context, name string) (state.ObservedService, error)
	// Create makes a service, with everything that the configuration says, and does not start it.
	Create(ctx context.Context, name string, config state.ServiceConfig) error
	// Configure changes a service to exactly that configuration. A running service goes on with the old one.
	Configure(ctx context.Context, name string, config state.ServiceConfig) error
	// Delete deletes a stopped service. If somebody has a handle to it, it only becomes marked for deletion, which
	// is no error here.
	Delete(ctx context.Context, name string) error
	// Start starts a service and returns when it runs: nil also if it ran before (1056). If it stops instead, the
	// error says with which exit code. It waits while no service can be started, as during a boot (1055). The caller sets
	// the deadline.
	Start(ctx context.Context, name string) error
	// Stop stops a service and returns when it has: nil also if it was stopped before (1062). Services that depend
	// on it have to be stopped first (1051). It waits for the process to end, not only for the status, so that its
	// files can be replaced. The caller sets the deadline.
	Stop(ctx context.Context, name string) error
}
