package app

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/impact/census"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// counting counts workloads, and ends the look-ups under way when it is to stop.
type counting struct {
	*census.Census
	images *images.Images
}

// Start counts until the context ends.
func (c *counting) Start(ctx context.Context) error {
	defer c.images.Close()
	return c.Census.Start(ctx)
}

// addCensus adds what counts the workloads that depend on builds. It is nil where they are not to be counted.
func addCensus(mgr manager.Manager, tracker *clusterstate.Tracker, o *options) (*census.Census, error) {
	if o.workloadInterval == 0 {
		return nil, nil //nolint:nilnil // Not counting is no error.
	}
	facts, err := images.New(o.images, images.Dependencies{
		Program: "nodemanager", Reader: mgr.GetAPIReader(), Registry: metrics.Registry,
	})
	if err != nil {
		return nil, err
	}
	counter, err := census.New(census.Options{
		Reader: mgr.GetAPIReader(),
		Snapshot: func() *policy.Snapshot {
			if !tracker.Synced() {
				return nil
			}
			return tracker.Snapshot()
		},
		Images:   facts,
		Interval: o.workloadInterval,
		Log:      mgr.GetLogger().WithName("census"),
		Registry: metrics.Registry,
	})
	if err != nil {
		return nil, err
	}
	return counter, mgr.Add(&counting{counter, facts})
}
