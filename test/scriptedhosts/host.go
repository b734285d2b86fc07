package scriptedhosts

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	gossh "golang.org/x/crypto/ssh"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

// User may log in to every host.
const User = remotetest.User

// Spec says what a host is.
type Spec struct {
	// Name is the computer's, and so the node's.
	Name string
	// Build is such as 10.0.20348.
	Build string
	// Bare leaves Windows without the feature Containers, which takes a restart to have.
	Bare bool
	// Port is that of its SSH server; 0 is a free one.
	Port uint16
	// Ails is what is wrong with it from the start.
	Ails Ailment
}

// Host is a Windows host. Its methods may be called concurrently.
type Host struct {
	// Machine is what is behind the agent.
	Machine *memhost.Machine

	fleet     *Fleet
	spec      Spec
	address   netip.Addr
	directory string
	hostKey   gossh.Signer

	// changing keeps one call of Become from another.
	changing sync.Mutex
	// mu guards what follows.
	mu     sync.Mutex
	ails   Ailment
	server *remotetest.Host // nil while there is none
	hold   *Hold            // nil where there is none
	// trouble is what has gone wrong last with the kubelet.
	trouble error

	stop    context.CancelFunc
	running sync.WaitGroup
}

// start makes the machine, its SSH server, and what watches over its kubelet.
func (h *Host) start() (err error) {
	if err := os.MkdirAll(h.directory, 0o700); err != nil {
		return err
	}
	if _, h.hostKey, err = newKey(); err != nil {
		return err
	}
	h.Machine = memhost.New()
	h.Machine.SetFacts(func(f *state.Facts) {
		f.Hostname, f.Build = strings.ToUpper(h.spec.Name), h.spec.Build
		f.Networks = []state.Network{{Name: "Ethernet", Addresses: []string{h.address.String() + "/8"}, MTU: 1500}}
		f.DefaultRoute = &state.Route{Network: "Ethernet", Gateway: "127.0.0.1"}
	})
	h.keepTime(context.Background())
	if !h.spec.Bare {
		h.Machine.EnableFeature("Containers")
	}
	ctx, stop := context.WithCancel(context.Background())
	h.stop = stop
	if err := h.Become(h.spec.Ails); err != nil {
		return err
	}
	h.running.Go(func() { h.watchOver(ctx) })
	return nil
}

func (h *Host) end() {
	if h.stop == nil {
		return // It has never started.
	}
	h.stop()
	h.unserve()
	h.running.Wait()
}

// serve starts the SSH server as an ailment wants it.
func (h *Host) serve(ails Ailment) error {
	key, authorized := h.hostKey, []gossh.PublicKey{h.fleet.login.PublicKey()}
	var err error
	switch ails {
	case WrongKey:
		authorized = nil
	case WrongHostKey:
		if _, key, err = newKey(); err != nil {
			return err
		}
	}
	server, err := remotetest.Start(remotetest.Options{
		Directory: h.directory, Machine: h.Machine,
		Change: func(c *sshtest.Config) {
			c.Address = netip.AddrPortFrom(h.address, h.spec.Port).String()
			c.HostKeys, c.Authorized = []gossh.Signer{key}, authorized
			c.Command = h.commands(c.Command)
		},
	})
	if err != nil {
		return err
	}
	if ails == Slow {
		const bytesPerSecond = 20 << 10
		server.Slow(bytesPerSecond)
	}
	if ails == Unplugged {
		server.Unplug()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.server = server
	h.spec.Port = netip.MustParseAddrPort(server.Address()).Port() // It stays the same from now on.
	return nil
}

// unserve ends the SSH server, if there is one, and all that it does.
func (h *Host) unserve() {
	h.mu.Lock()
	server := h.server
	h.server = nil
	h.mu.Unlock()
	if server != nil {
		server.Close()
	}
}

// Name is the name of its node.
func (h *Host) Name() string { return h.spec.Name }

// Address is where it is, and its node's address.
func (h *Host) Address() netip.Addr { return h.address }

// Carried is how many bytes its SSH server has sent and received since it has started.
func (h *Host) Carried() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.server == nil {
		return 0
	}
	return h.server.Carried()
}

// Object is the WindowsHost that an administrator would write for it. The Secret is in the same namespace.
func (h *Host) Object(namespace, secret, policy string) *v1alpha1.WindowsHost {
	h.mu.Lock()
	defer h.mu.Unlock()
	return &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: h.spec.Name},
		Spec: v1alpha1.WindowsHostSpec{
			Address: h.address.String(), Port: int32(h.spec.Port), User: User, Policy: policy,
			KeySecret: &v1alpha1.SecretReference{Name: secret},
			HostKeys:  v1alpha1.HostKeyTrust{Fingerprints: []string{gossh.FingerprintSHA256(h.hostKey.PublicKey())}},
		},
	}
}

// KnownHosts is the line by which other clients know its key.
func (h *Host) KnownHosts() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	name := h.address.String()
	if h.spec.Port != 22 {
		name = "[" + name + "]:" + strconv.Itoa(int(h.spec.Port))
	}
	return name + " " + strings.TrimSpace(string(gossh.MarshalAuthorizedKey(h.hostKey.PublicKey())))
}

// String is the host and how to reach it.
func (h *Host) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%s at %s", h.spec.Name, net.JoinHostPort(h.address.String(), strconv.Itoa(int(h.spec.Port))))
}

// keepTime has the machine's clock, which only goes on while the agent waits, follow that of the world.
func (h *Host) keepTime(ctx context.Context) {
	facts, err := h.Machine.Host().System.Facts(ctx, nil)
	if err != nil {
		return // It cannot even say what it is: no clock is worse than that.
	}
	h.Machine.Pass(time.Since(facts.Time))
}
