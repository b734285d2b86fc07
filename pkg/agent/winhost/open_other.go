//go:build !windows

package winhost

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// errElsewhere is what everything is where there is no Windows.
var errElsewhere = fmt.Errorf("the agent works on Windows only: %w", errors.ErrUnsupported)

// Open is an error: there is no Windows here.
func Open(string) (host.Host, error) { return host.Host{}, errElsewhere }

// RunService is an error: there is no service control manager here.
func RunService(string, func(ctx context.Context, name string) error) error { return errElsewhere }

// EventLog is nothing here.
type EventLog struct{}

// OpenEventLog is an error: there is no event log here.
func OpenEventLog(string) (*EventLog, error) { return nil, errElsewhere }

// Info does nothing.
func (*EventLog) Info(string) error { return errElsewhere }

// Warning does nothing.
func (*EventLog) Warning(string) error { return errElsewhere }

// Error does nothing.
func (*EventLog) Error(string) error { return errElsewhere }

// Close does nothing.
func (*EventLog) Close() error { return nil }

// RemoveEventSource is an error: there is no event log here.
func RemoveEventSource(string) error { return errElsewhere }
