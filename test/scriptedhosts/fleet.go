package scriptedhosts

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Options say what all hosts of a fleet have in common.
type Options struct {
	// Heartbeat is how often nodes renew their leases. Zero is as often as their configuration says.
	Heartbeat time.Duration
	// Unready, if it is not nil, tells of which versions kubelets never get Ready.
	Unready func(version string) bool
}

// Fleet is hosts that can be logged in to with one key. Its methods may be called concurrently, Close excepted.
type Fleet struct {
	options    Options
	directory  string
	network    netip.Addr
	login      gossh.Signer
	privateKey []byte

	mu    sync.Mutex
	hosts []*Host
}

// New is a fleet without hosts.
func New(o Options) (*Fleet, error) {
	f := &Fleet{options: o}
	private, signer, err := newKey()
	if err != nil {
		return nil, err
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, fmt.Errorf("encoding the key of a fleet: %w", err)
	}
	f.login, f.privateKey = signer, pem.EncodeToMemory(block)
	// Two fleets at once, of whatever processes, are unlikely to have the same addresses; and a port of an address that
	// somebody else has is free in all but one of tens of thousands.
	var part [1]byte
	_, _ = rand.Read(part[:]) // It never fails.
	f.network = netip.AddrFrom4([4]byte{127, 128 + part[0]/2, 0, 0})
	if f.directory, err = os.MkdirTemp("", "scripted-hosts-"); err != nil {
		return nil, fmt.Errorf("making the directory of a fleet: %w", err)
	}
	return f, nil
}

func newKey() (ed25519.PrivateKey, gossh.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	signer, err := gossh.NewSignerFromKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("making a key: %w", err)
	}
	return private, signer, nil
}

// Secret is the one with the key that all hosts can be logged in to with.
func (f *Fleet) Secret(namespace, name string) *corev1.Secret {
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Data:       map[string][]byte{"private-key.pem": f.privateKey},
	}
}

// Add starts a host.
func (f *Fleet) Add(spec Spec) (*Host, error) {
	f.mu.Lock()
	number := len(f.hosts)
	h := &Host{fleet: f, spec: spec, address: f.addressOf(number), directory: filepath.Join(f.directory, fmt.Sprint(number))}
	f.hosts = append(f.hosts, h)
	f.mu.Unlock()
	if err := h.start(); err != nil {
		return nil, fmt.Errorf("starting host %s: %w", spec.Name, err)
	}
	return h, nil
}

// addressOf is the address of a host, by its number. There are 64,000 of them.
func (f *Fleet) addressOf(number int) netip.Addr {
	const perNetwork, networks = 250, 256
	address := f.network.As4()
	address[2], address[3] = byte(number/perNetwork%networks), byte(1+number%perNetwork) //nolint:gosec // Remainders of at most 256.
	return netip.AddrFrom4(address)
}

// Close ends all hosts, and returns when nothing runs any more.
func (f *Fleet) Close() error {
	f.mu.Lock()
	hosts := f.hosts
	f.mu.Unlock()
	var ending sync.WaitGroup
	for _, h := range hosts {
		ending.Go(h.end)
	}
	ending.Wait()
	return os.RemoveAll(f.directory)
}
