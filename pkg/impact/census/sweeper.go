package census

import (
	"context"
	"errors"
	"time"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/impact/inventory"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// sweeper is what a census keeps from one moment to the next. It is for one goroutine.
type sweeper struct {
	*Census
	// workloads are those read last, at the time. problem says why there are no newer ones.
	workloads []*impact.Workload
	readAt    time.Time
	problem   error
	// images are what is known of the workloads' images.
	images impact.ByNamespace
	// counted is the snapshot that was counted last.
	counted *policy.Snapshot

	sweepDue, countDue time.Time
}

// tick does what is due: reading and counting, or only counting, or nothing.
func (s *sweeper) tick(ctx context.Context, now time.Time) {
	snapshot := s.options.Snapshot()
	if snapshot == nil {
		return
	}
	switch {
	case !now.Before(s.sweepDue):
		s.sweep(ctx, snapshot, now)
	case snapshot == s.counted || now.Before(s.countDue):
		return
	}
	if ctx.Err() != nil {
		return // What was cut off is not the cluster's fault.
	}
	s.count(ctx, snapshot)
}

// sweep reads the pods, and forgets what was known of images: tags may have moved.
func (s *sweeper) sweep(ctx context.Context, snapshot *policy.Snapshot, now time.Time) {
	reading, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	workloads, err := inventory.Collect(reading, s.options.Reader, snapshot.Fleet(), inventory.Options{MaxWorkloads: maxWorkloads})
	s.metrics.swept(time.Since(now), err)
	s.sweepDue = s.nextSweep(now, err == nil)
	if ctx.Err() != nil {
		return
	}
	s.report(err)
	s.problem = err
	var tooMany *inventory.TooManyError
	if errors.As(err, &tooMany) {
		s.workloads, s.images = nil, nil // There is no use in what may be far from the truth by now.
	}
	if err != nil {
		return
	}
	s.workloads, s.readAt, s.images = workloads, now, nil
	s.metrics.counted(workloads)
}

// report writes one line when what keeps pods from being read changes.
func (s *sweeper) report(err error) {
	switch {
	case err != nil && (s.problem == nil || s.problem.Error() != err.Error()):
		s.options.Log.Error(err, "workloads cannot be counted", "lastCounted", s.readAt)
	case err == nil && s.problem != nil:
		s.options.Log.Info("workloads can be counted again")
	}
}

// count publishes who depends on the builds of a snapshot, by what was read last.
func (s *sweeper) count(ctx context.Context, snapshot *policy.Snapshot) {
	began := time.Now()
	count := &Count{}
	if s.problem != nil {
		count.Problem = &Problem{Err: s.problem, Last: s.readAt}
	}
	if s.workloads != nil {
		asking, cancel := context.WithTimeout(ctx, sweepTimeout)
		defer cancel()
		s.images = impact.ResolveByNamespace(asking, s.options.Images, s.workloads, []*policy.Snapshot{snapshot}, s.images, impact.ResolveOptions{})
		if ctx.Err() != nil {
			return
		}
		computing := time.Now()
		dependents, err := impact.Dependents(s.workloads, snapshot, s.images)
		if err != nil {
			count.Problem = &Problem{Err: err, Last: s.readAt}
		}
		count.Dependents = dependents
		began = computing // Waiting for registries takes no processor.
	}
	s.counted, s.countDue = snapshot, time.Now().Add(recountRest*time.Since(began))
	s.publish(count)
}
