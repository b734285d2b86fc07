package rollout

import (
	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Ask is for what a host is to be taken out of service.
type Ask struct {
	// Host is the host as it was read, and Policy the one that it lives under.
	Host   *v1alpha1.WindowsHost
	Policy *v1alpha1.WindowsBuildPolicy
	// Reason is for what. Nothing keeps a host from joining, and only the limit and the gate from being given back.
	Reason v1alpha1.DisruptionReason
	// Digest is that of the desired state to which it leads; empty where it leads to none.
	Digest string
	// Node is the host's node; empty where it has none, and nobody has to be asked about its pods.
	Node string
}
