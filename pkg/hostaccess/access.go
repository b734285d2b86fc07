package hostaccess

import (
	"context"
	"fmt"
	"net"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// DefaultKeySecret is the Secret with the private keys where neither a host nor an administrator names one: that of the
// Windows Machine Config Operator.
const DefaultKeySecret = "cloud-private-key"

// Access finds out how hosts are logged in to. It is safe for concurrent use.
type Access struct {
	reader    client.Reader
	status    client.SubResourceWriter
	keySecret string
	recent    *recentKeys
}

// Options are what an Access is made of.
type Options struct {
	// Reader reads Secrets and WindowsHosts from the API server itself: a host key that another process has just
	// recorded must be seen, and Secrets are not to be kept in a cache.
	Reader client.Reader
	// Status writes the status of WindowsHosts.
	Status client.SubResourceWriter
	// KeySecret is the name of the Secret for hosts that name none; empty is DefaultKeySecret.
	KeySecret string
	// Clock is the real one where it is nil.
	Clock clock.PassiveClock
}

// New makes an Access.
func New(o Options) *Access {
	if o.KeySecret == "" {
		o.KeySecret = DefaultKeySecret
	}
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	return &Access{reader: o.Reader, status: o.Status, keySecret: o.KeySecret, recent: newRecentKeys(o.Clock)}
}

// Target is the host as the SSH pool needs it. An [*Error] says what the host, or its Secret, lacks.
func (a *Access) Target(ctx context.Context, host *v1alpha1.WindowsHost) (*ssh.Target, error) {
	keys, err := a.Keys(ctx, host)
	if err != nil {
		return nil, err
	}
	grounds, err := grounds(&host.Spec.HostKeys)
	if err != nil {
		return nil, &Error{Reason: v1alpha1.ReasonHostKeyUnknown, Err: err}
	}
	if host.Spec.HostKeys.TrustOnFirstUse {
		grounds.FirstUse = &recorder{reader: a.reader, status: a.status, name: client.ObjectKeyFromObject(host), uid: host.UID}
	}
	target := &ssh.Target{
		Address:  address(host.Spec.Address, host.Spec.Port),
		User:     host.Spec.User,
		Keys:     keys.Signers(),
		HostKeys: grounds,
	}
	if host.Spec.Jump != nil {
		if target.Jump, err = a.jump(ctx, host, keys); err != nil {
			return nil, err
		}
	}
	return target, nil
}

// jump is the host to go through. Without keys of its own it is logged in to with those of the host.
func (a *Access) jump(ctx context.Context, host *v1alpha1.WindowsHost, keys *Keys) (*ssh.Target, error) {
	spec := host.Spec.Jump
	if spec.KeySecret != nil {
		var err error
		if keys, err = a.read(ctx, types.NamespacedName{Namespace: host.Namespace, Name: spec.KeySecret.Name}); err != nil {
			return nil, err
		}
	}
	grounds, err := grounds(&v1alpha1.HostKeyTrust{Fingerprints: spec.Fingerprints})
	if err != nil {
		return nil, &Error{Reason: v1alpha1.ReasonHostKeyUnknown, Err: fmt.Errorf("jump host: %w", err)}
	}
	return &ssh.Target{
		Address: address(spec.Address, spec.Port), User: spec.User, Keys: keys.Signers(), HostKeys: grounds,
	}, nil
}

// Keys are the private keys of the host's Secret. An [*Error] says what is wrong with it.
func (a *Access) Keys(ctx context.Context, host *v1alpha1.WindowsHost) (*Keys, error) {
	name := a.keySecret
	if host.Spec.KeySecret != nil {
		name = host.Spec.KeySecret.Name
	}
	return a.read(ctx, types.NamespacedName{Namespace: host.Namespace, Name: name})
}

// read reads a Secret, unless that was done within the last seconds.
func (a *Access) read(ctx context.Context, name types.NamespacedName) (*Keys, error) {
	if keys := a.recent.get(name); keys != nil {
		return keys, nil
	}
	var secret corev1.Secret
	err := a.reader.Get(ctx, name, &secret)
	switch {
	case apierrors.IsNotFound(err):
		return nil, &Error{Reason: v1alpha1.ReasonKeySecretInvalid, Err: fmt.Errorf(
			"there is no Secret %s: make it, with the private key for the host as %s", name, mainKey)}
	case err != nil:
		return nil, &Error{Reason: v1alpha1.ReasonInternal, Err: fmt.Errorf("reading Secret %s: %w", name, err)}
	}
	keys, err := parse(name, secret.Data)
	if err != nil {
		return nil, &Error{Reason: v1alpha1.ReasonKeySecretInvalid, Err: err}
	}
	a.recent.put(name, keys)
	return keys, nil
}

// address joins an address and a port; 0 is the port of SSH.
func address(host string, port int32) string {
	if port == 0 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
