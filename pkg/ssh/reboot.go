package ssh

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// Reboot is how a host is restarted, and how one knows that it was.
type Reboot struct {
	// Request asks the host to restart. That the connection breaks before the answer is expected.
	Request func(context.Context, *Conn) error
	// BootID is something that is different after every start of the host, and not empty.
	BootID func(context.Context, *Conn) (string, error)
	// Timeout is 15 min if it is 0: Windows may install updates meanwhile.
	Timeout time.Duration
	// Pause is how long to wait between two looks at the host, at first; it doubles up to ten times that. 2 s if it is 0.
	Pause time.Duration
}

const (
	defaultRebootTimeout = 15 * time.Minute
	defaultRebootPause   = 2 * time.Second
	// rebootLook is how long one look may take. A host that is going down may answer nothing at all.
	rebootLook = 30 * time.Second
)

// RebootError tells that a host was not seen to have restarted. What ended the wait is in Err.
type RebootError struct {
	Host string
	// Seen is what was seen last, and When how long before.
	Seen string
	When time.Duration
	Err  error
}

func (e *RebootError) Error() string {
	return fmt.Sprintf("restarting %s: %v; last seen, %v before: %s", e.Host, e.Err, e.When.Round(time.Millisecond), e.Seen)
}

// Unwrap returns what ended the wait.
func (e *RebootError) Unwrap() error { return e.Err }

// Reboot restarts a host, and returns its new boot id when it has. That the host refuses to, or has another host key
// afterwards, ends it at once. Everything else is looked at again until the timeout: a host that is starting may refuse
// connections, and keys as well.
func (p *Pool) Reboot(ctx context.Context, target *Target, reboot Reboot) (string, error) {
	if reboot.Timeout <= 0 {
		reboot.Timeout = defaultRebootTimeout
	}
	if reboot.Pause <= 0 {
		reboot.Pause = defaultRebootPause
	}
	ctx, cancel := context.WithTimeout(ctx, reboot.Timeout)
	defer cancel()
	before, err := p.bootID(ctx, target, reboot)
	if err != nil {
		return "", fmt.Errorf("reading the boot id before a restart: %w", err)
	}
	if err := p.Do(ctx, target, reboot.Request); err != nil && !mayHaveRestarted(err) {
		return "", fmt.Errorf("asking for a restart: %w", err)
	}
	return p.awaitBoot(ctx, target, reboot, before)
}

// mayHaveRestarted is whether an error can be that of a host which did as it was asked.
func mayHaveRestarted(err error) bool {
	disconnected, timeout := (*DisconnectedError)(nil), (*TimeoutError)(nil)
	return errors.As(err, &disconnected) || errors.As(err, &timeout)
}

func (p *Pool) awaitBoot(ctx context.Context, target *Target, reboot Reboot, before string) (string, error) {
	began := time.Now()
	seen, when := "still running since "+before, began
	for pause := reboot.Pause; ; pause = min(2*pause, 10*reboot.Pause) {
		if err := wait(ctx, pause); err != nil {
			if errors.Is(err, context.DeadlineExceeded) {
				err = &TimeoutError{Host: target.Address, Doing: "waiting for its new boot id", After: time.Since(began)}
			}
			return "", &RebootError{Host: target.Address, Seen: seen, When: time.Since(when), Err: err}
		}
		now, err := p.bootID(ctx, target, reboot)
		switch {
		case final(err):
			return "", err
		case err == nil && now != before:
			return now, nil
		case ctx.Err() != nil: // What was seen before says more.
		case err != nil:
			seen, when = err.Error(), time.Now()
		default:
			seen, when = "still running since "+before, time.Now()
		}
	}
}

// final is whether another look would be of no use.
func final(err error) bool {
	mismatch, unknown := (*hostkey.MismatchError)(nil), (*hostkey.UnknownError)(nil)
	return errors.As(err, &mismatch) || errors.As(err, &unknown) || errors.Is(err, ErrPoolClosed)
}

func (p *Pool) bootID(ctx context.Context, target *Target, reboot Reboot) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, rebootLook)
	defer cancel()
	var id string
	err := p.Do(ctx, target, func(ctx context.Context, c *Conn) (err error) {
		id, err = reboot.BootID(ctx, c)
		return err
	})
	if err == nil && id == "" {
		return "", errors.New("the boot id is empty")
	}
	return id, err
}

// wait waits, and returns why it could not.
func wait(ctx context.Context, pause time.Duration) error {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
