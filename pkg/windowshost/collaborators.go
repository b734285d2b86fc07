package windowshost

import (
	"context"
	"errors"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/rollout"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

// Access says how hosts are logged in to, and on which grounds they are believed.
type Access interface {
	Target(ctx context.Context, host *v1alpha1.WindowsHost) (*ssh.Target, error)
	Keys(ctx context.Context, host *v1alpha1.WindowsHost) (*hostaccess.Keys, error)
}

// Machines reaches hosts; see [OverSSH].
type Machines interface {
	// Machine is the host behind a target. It connects when it is asked something.
	Machine(target *ssh.Target) Machine
}

// Machine is a host and the agent on it. An outcome that is in the way is part of a result; an error means that there is
// none.
type Machine interface {
	Facts(ctx context.Context) (*state.Facts, Login, error)
	Plan(ctx context.Context, desired *state.Desired) (*protocol.Result, error)
	// Verify plans for what was applied last, which the host knows.
	Verify(ctx context.Context) (*protocol.Result, error)
	Apply(ctx context.Context, desired *state.Desired, contents remote.Contents) (*protocol.Result, error)
	// Remove gives the host back, unless another owner manages it. Meanwhile note is told what somebody should know of what
	// stays on it.
	Remove(ctx context.Context, owner string, note func(string)) (*protocol.Result, error)
	// RequestReboot returns when the host goes down. That the connection breaks is expected.
	RequestReboot(ctx context.Context) error
}

// Login is how a host was logged in to.
type Login struct {
	// HostKey is the key that the host has proven to have, as ssh-keygen -l prints it, after its type.
	HostKey string
	// Key is the fingerprint of the private key that the host has taken.
	Key string
}

// ErrBundlePending is what is wrapped by an error of [Bundles] that time alone mends: the bundle is being fetched.
var ErrBundlePending = errors.New("the node bundle is on its way")

// Bundles finds the node bundles that configurations name.
type Bundles interface {
	Bundle(ctx context.Context, config *v1alpha1.WindowsNodeConfig) (Bundle, error)
}

// Bundle is a node bundle, and what is in it.
type Bundle struct {
	nodeconfig.Bundle
	Contents remote.Contents
}

// Cluster says what nodes have to know of their cluster.
type Cluster interface {
	Cluster(ctx context.Context) (nodeconfig.Cluster, error)
}

// Credentials are those by which a host joins. They are good for one node's name, and for a while.
type Credentials interface {
	// Issue returns those of the host that still last long enough, or new ones.
	Issue(ctx context.Context, host *v1alpha1.WindowsHost, nodeName string) (joincredentials.Token, error)
	// Revoke ends them. Without any there is nothing to do.
	Revoke(ctx context.Context, host *v1alpha1.WindowsHost) error
}

// Drainer moves pods off nodes.
type Drainer interface {
	Step(ctx context.Context, node string, options drain.Options) (drain.Progress, error)
	// Look tells what keeps the pods, and moves none.
	Look(ctx context.Context, node string, options drain.Options) (drain.Progress, error)
	Cordon(ctx context.Context, node, reason string) (byUs bool, err error)
	Uncordon(ctx context.Context, node string) error
}

// Turns says which hosts may be out of service.
type Turns interface {
	// Take asks for a turn, and remembers that it was given.
	Take(ctx context.Context, ask rollout.Ask) (rollout.Decision, error)
	// Give returns a turn, whether or not there is one.
	Give(host types.NamespacedName)
}

// Kubelets is the kubelets of nodes, as whoever has no right to anything there sees them.
type Kubelets interface {
	// CertificateEnd is when the certificate ends that is served at an address, a host with its port.
	CertificateEnd(ctx context.Context, address string) (time.Time, error)
}

// Metrics is told what happens. Its methods are safe for concurrent use.
type Metrics interface {
	// StepEnded is called after each step with how long it took, and why it failed: a reason, or empty.
	StepEnded(step v1alpha1.HostStep, took time.Duration, failure string)
	// DriftFound is called once for a host that is found to be other than it was made.
	DriftFound()
	// RebootAsked is called for each restart that a host is asked for.
	RebootAsked()
	// CertificateSeen is called with when a node's serving certificate ends.
	CertificateSeen(host types.UID, until time.Time)
	// Forget drops what is known of a host.
	Forget(host types.UID)
}
