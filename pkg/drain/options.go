package drain

import (
	"time"

	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// defaultTimeout is the API's own default, for policies that were not defaulted by an API server.
const defaultTimeout = 30 * time.Minute

// Options say how a node is drained.
type Options struct {
	// Since is when the drain began, which the caller keeps. Zero stands for a drain without a deadline.
	Since time.Time
	// Timeout is how long it may take. From then on nothing is evicted. Zero stands for a drain without a deadline.
	Timeout time.Duration
	// DeleteEmptyDirData permits to evict pods whose emptyDir volumes are lost with them.
	DeleteEmptyDirData bool
	// UnmanagedPods says what happens to pods that nothing makes again. Anything but Delete lets them stay.
	UnmanagedPods v1alpha1.UnmanagedPodsAction
}

// OptionsOf are the options of a policy for a drain that began at a time.
func OptionsOf(p *v1alpha1.DrainPolicy, since time.Time) Options {
	o := Options{
		Since:              since,
		Timeout:            defaultTimeout,
		DeleteEmptyDirData: ptr.Deref(p.DeleteEmptyDirData, true),
		UnmanagedPods:      p.UnmanagedPods,
	}
	if p.Timeout != nil {
		o.Timeout = p.Timeout.Duration
	}
	return o
}

// over tells that the time is over.
func (o *Options) over(now time.Time) bool {
	return o.Timeout > 0 && !o.Since.IsZero() && now.Sub(o.Since) >= o.Timeout
}
