package app

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// imageFacts are what is known of images, until the program ends.
type imageFacts struct{ *images.Images }

// Start waits until the context ends, and ends the look-ups under way.
func (f imageFacts) Start(ctx context.Context) error {
	<-ctx.Done()
	f.Close()
	return nil
}

// NeedLeaderElection tells that a replica that waits for its turn ends them, too.
func (f imageFacts) NeedLeaderElection() bool { return false }

// addImages adds what knows images. Who depends on builds, and who has somewhere to go when a host leaves, follows from
// the same facts.
func addImages(mgr manager.Manager, o *options) (*images.Images, error) {
	facts, err := images.New(o.images, images.Dependencies{
		Program: "nodemanager", Reader: mgr.GetAPIReader(), Registry: metrics.Registry,
	})
	if err != nil {
		return nil, fmt.Errorf("asking about images: %w", err)
	}
	return facts, mgr.Add(imageFacts{facts})
}

// snapshotOf is the tracker's newest snapshot, and nil while there is none of everything.
func snapshotOf(tracker *clusterstate.Tracker) func() *policy.Snapshot {
	return func() *policy.Snapshot {
		if !tracker.Synced() {
			return nil
		}
		return tracker.Snapshot()
	}
}

// addCensus adds what counts the workloads that depend on builds. It is nil where they are not to be counted.
func addCensus(mgr manager.Manager, c *common, o *options) (*census.Census, error) {
	if o.workloadInterval == 0 {
		return nil, nil //nolint:nilnil // Not counting is no error.
	}
	counter, err := census.New(census.Options{
		Reader:   mgr.GetAPIReader(),
		Snapshot: snapshotOf(c.tracker),
		Images:   c.images,
		Interval: o.workloadInterval,
		Log:      mgr.GetLogger().WithName("census"),
		Registry: metrics.Registry,
	})
	if err != nil {
		return nil, err
	}
	return counter, mgr.Add(counter)
}
