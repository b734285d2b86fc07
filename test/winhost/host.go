package winhost

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost/link"
)

// Host is a Windows host. Its methods may be called concurrently.
type Host struct {
	options     Options
	chassis     *chassis
	address     netip.Addr
	reservation *net.UDPConn
	link        *link.Link
	key         ssh.Signer
	keyFile     []byte

	life    context.Context //nolint:containedctx // From Start to Close.
	end     context.CancelCauseFunc
	running sync.WaitGroup

	mu       sync.Mutex
	hostKeys []ssh.PublicKey

	power     sync.Mutex // Held while the host is switched on or off.
	current   *boot      // Nil while the host is off.
	boots     int
	unplugged bool
	stale     bool // Connections of an earlier boot may be left.
}

// Start makes a host and boots it. It returns when the host answers to SSH; the context bounds only that. The error is
// an UnavailableError on a machine that cannot have hosts.
func Start(ctx context.Context, o Options) (host *Host, err error) {
	if err := o.complete(rand.Uint32()); err != nil {
		return nil, fmt.Errorf("starting a Windows host: %w", err)
	}
	installation, err := Setup(ctx, SetupOptions{Root: o.Root, Log: o.Log})
	if err != nil {
		return nil, err
	}
	h, err := newHost(ctx, installation, o)
	if err != nil {
		return nil, fmt.Errorf("starting a Windows host: %w", err)
	}
	if err := h.Boot(ctx); err != nil {
		return nil, fmt.Errorf("starting a Windows host: %w", errors.Join(err, h.Close()))
	}
	return h, nil
}

func newHost(ctx context.Context, in *Installation, o Options) (*Host, error) {
	folder, err := os.MkdirTemp("", "winhost-")
	if err != nil {
		return nil, fmt.Errorf("making its folder: %w", err)
	}
	h := &Host{options: o}
	if h.chassis, err = newChassis(ctx, in, folder, in.template, o.DiskBytes); err != nil {
		return nil, errors.Join(err, os.RemoveAll(folder))
	}
	h.life, h.end = context.WithCancelCause(context.Background())
	err = h.furnish()
	if err != nil {
		return nil, errors.Join(err, h.Close())
	}
	h.running.Go(h.limitLifetime)
	return h, nil
}

// furnish gives the host its network, keys, files and registry.
func (h *Host) furnish() (err error) {
	if h.address, h.reservation, err = reserveAddress(); err != nil {
		return err
	}
	if h.link, err = link.New(netip.AddrPortFrom(h.address, 0).String(), h.dialServer); err != nil {
		return err
	}
	h.link.Unplug()
	if h.key, h.keyFile, err = newKey(newEd25519); err != nil {
		return err
	}
	if err := h.SetAuthorizedKeys(append([]ssh.PublicKey{h.key.PublicKey()}, h.options.AuthorizedKeys...)...); err != nil {
		return err
	}
	if err := h.RotateHostKey(); err != nil {
		return err
	}
	return h.installPrograms()
}

// limitLifetime ends a host that nobody ends.
func (h *Host) limitLifetime() {
	timer := time.NewTimer(h.options.Lifetime)
	defer timer.Stop()
	select {
	case <-timer.C:
		h.log("has lived for %s and loses its power", h.options.Lifetime)
		h.end(fmt.Errorf("its lifetime of %s is over", h.options.Lifetime))
		h.PowerCut()
	case <-h.life.Done():
	}
}

// Address is where the host answers to SSH, through its network: host:port. It stays the same.
func (h *Host) Address() string { return h.link.Address() }

// IP is an address that no other host has. The programs on the host can listen on it, and on no other: like all hosts,
// they share this machine's network.
func (h *Host) IP() string { return h.address.String() }

// User is the administrator's name.
func (h *Host) User() string { return "Administrator" }

// Hostname is the computer's name as the host was started with it.
func (h *Host) Hostname() string { return h.options.Hostname }

// Key lets its holder log on.
func (h *Host) Key() ssh.Signer { return h.key }

// KeyFile is the private key in OpenSSH's format, without a passphrase.
func (h *Host) KeyFile() []byte { return append([]byte(nil), h.keyFile...) }

// Close ends everything that runs on the host and removes it. A second call does nothing.
func (h *Host) Close() error {
	h.end(errors.New("it has been closed"))
	h.PowerCut()
	h.running.Wait()
	if h.link != nil {
		h.link.Close()
	}
	if h.reservation != nil {
		_ = h.reservation.Close() // Nothing was sent.
	}
	h.chassis.close()
	if err := os.RemoveAll(h.chassis.folder); err != nil {
		return fmt.Errorf("removing a Windows host: %w", err)
	}
	return nil
}

func (h *Host) log(format string, args ...any) {
	say(h.options.Log, "%s (%s) %s", h.options.Hostname, h.options.Build, fmt.Sprintf(format, args...))
}
