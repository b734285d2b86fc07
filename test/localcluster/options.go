package localcluster

import (
	"io"
	"time"
)

// Options say how a cluster differs from the plain one that the zero value describes.
type Options struct {
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// DataDir keeps the database, keys and logs after Stop. It must be new or empty. When empty, a temporary
	// directory is used and removed.
	DataDir string
	// Log receives the progress of a long build. Nil discards it.
	Log io.Writer

	// NodeGracePeriod is how long a node may be silent before the node lifecycle controller calls it
	// NotReady, at least four seconds; 0 means Kubernetes' 50 seconds. Hollow nodes send heartbeats
	// correspondingly often.
	NodeGracePeriod time.Duration
	// RunPods makes hollow nodes report the pods bound to them as running. Otherwise they stay Pending.
	RunPods bool

	// Audit records pod writes at level Metadata, audit annotations included; see Cluster.AuditEvents.
	Audit bool

	// APIServerArgs, ControllerManagerArgs and SchedulerArgs are appended to the components' flags, for
	// example "--feature-gates=Name=true".
	APIServerArgs, ControllerManagerArgs, SchedulerArgs []string
}
