package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// dialFunc opens a TCP connection, from here or from a jump host.
type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// dialing is one attempt to connect, which may take several handshakes: see package hostkey.
type dialing struct {
	target  *Target
	address string
	through dialFunc
	check   *hostkey.Check
	began   time.Time
}

// dial connects and logs in, before the context ends and within Options.Connect.
func dial(ctx context.Context, target *Target, through dialFunc, options Options) (*Conn, error) {
	address, err := target.hostPort()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, options.Connect)
	defer cancel()
	check, err := target.HostKeys.Check(ctx, address)
	if err != nil {
		return nil, err
	}
	d := &dialing{target: target, address: address, through: through, check: check, began: time.Now()}
	for {
		connection, failure := d.handshake(ctx)
		if failure == nil {
			connection.start(options)
			return connection, nil
		}
		again, verdict := check.After(failure)
		if verdict != nil {
			return nil, verdict
		}
		if !again {
			return nil, failure
		}
	}
}

func (d *dialing) handshake(ctx context.Context) (*Conn, error) {
	raw, err := d.through(ctx, "tcp", d.address)
	if err != nil {
		return nil, d.explain(ctx, "connecting", &UnreachableError{Host: d.address, Err: err})
	}
	w := newWire(raw)
	keys := &authentication{keys: d.target.Keys, wire: w}
	config := &ssh.ClientConfig{
		User:              d.target.User,
		HostKeyCallback:   d.check.Key,
		HostKeyAlgorithms: d.check.Algorithms(),
		AuthCallback:      keys.next,
	}
	// The library knows no contexts. A connection through a jump host knows no deadlines. Both know Close.
	stop := context.AfterFunc(ctx, func() { _ = w.Close() })
	connection, channels, requests, err := ssh.NewClientConn(w, d.address, config)
	if ended := !stop(); ended && err == nil {
		_ = connection.Close()
		err = context.Cause(ctx)
	}
	if err != nil {
		_ = w.Close()
		return nil, d.failed(ctx, keys, err)
	}
	pin, _ := d.check.Believed()
	return &Conn{
		host:    d.address,
		wire:    w,
		client:  ssh.NewClient(connection, channels, requests),
		hostKey: pin,
		key:     keys.accepted(),
		ended:   make(chan struct{}),
	}, nil
}

// failed tells what a handshake failed at.
func (d *dialing) failed(ctx context.Context, keys *authentication, err error) error {
	_, believed := d.check.Believed()
	switch {
	case !believed && lost(err):
		return d.explain(ctx, "exchanging keys", &DisconnectedError{Host: d.address, Doing: "exchanging keys", Err: err})
	case !believed:
		return d.explain(ctx, "exchanging keys", &UnreachableError{Host: d.address, Err: err})
	case errors.Is(err, errRefused):
		return &AuthenticationError{Host: d.address, User: d.target.User, Tried: keys.tried}
	case lost(err):
		return d.explain(ctx, "logging in", &DisconnectedError{Host: d.address, Doing: "logging in", Err: err})
	default:
		return d.explain(ctx, "logging in",
			&AuthenticationError{Host: d.address, User: d.target.User, Tried: keys.tried, Err: err})
	}
}

// explain gives precedence to the end of the context over what that has caused.
func (d *dialing) explain(ctx context.Context, doing string, err error) error {
	return explainEnd(ctx, d.address, doing, d.began, err)
}

// explainEnd is err, unless the context has ended: then that is the reason.
func explainEnd(ctx context.Context, host, doing string, began time.Time, err error) error {
	switch {
	case ctx.Err() == nil:
		return err
	case errors.Is(context.Cause(ctx), context.DeadlineExceeded):
		return &TimeoutError{Host: host, Doing: doing, After: time.Since(began)}
	default:
		return fmt.Errorf("%s: %s: %w", host, doing, context.Cause(ctx))
	}
}
