package fleet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/review"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/whatif"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
)

const (
	// concurrency is the number of images that are asked about at a time.
	concurrency = 16
	// slowPause is how long a slow registry is given before it is asked about again.
	slowPause = 2 * time.Second
)

// judge tells what a change would strand, and shows it.
func (o *options) judge(ctx context.Context, target *cluster.Cluster, s *state, assume *placementv1alpha1.Assumptions, facts impact.Images) error {
	if len(s.snapshot.Policies().All()) == 0 && assume.Policy == nil {
		return fmt.Errorf("%s has no WindowsBuildPolicy in force, so nothing tells where pods may run; "+
			"kubectl get windowsbuildpolicies shows those that there are, and --if-policy supposes one", target)
	}
	assumption, err := whatif.Compile(assume)
	if err != nil {
		return err
	}
	then, err := s.snapshot.Assume(assumption)
	if err != nil {
		return fmt.Errorf("what is supposed makes no sense: %w", err)
	}
	ctx, abort := context.WithCancelCause(ctx)
	defer abort(nil)
	if facts == nil {
		server, err := review.NewClient(target)
		if err != nil {
			return err
		}
		facts = &fromServer{server: server, assumed: assume.Policy, pause: slowPause, abort: abort}
	}
	comparison := &impact.Comparison{Now: s.snapshot, Then: then, Images: resolve(ctx, facts, s.workloads, s.snapshot, then, o.streams.ErrOut)}
	interrupted := context.Cause(ctx)
	if interrupted != nil && !errors.Is(interrupted, context.Canceled) {
		return interrupted
	}
	report, err := comparison.Report(s.workloads)
	if err != nil {
		return fmt.Errorf("judging workloads: %w", err)
	}
	shown := impactOf(report, s, assume)
	for _, moot := range s.snapshot.Moot(assumption) {
		shown.Notes = append(shown.Notes, output.Sentence(moot))
	}
	if interrupted != nil {
		shown.Notes = append(shown.Notes, "This is what was known when it was interrupted; the images of workloads of which it cannot be told were not all asked about.")
	}
	if err := o.show(shown); err != nil {
		return err
	}
	switch {
	case interrupted != nil:
		return cluster.ErrInterrupted
	case report.Outcomes[impact.Stranded].Workloads > report.Already.Workloads, report.Outcomes[impact.Unknown].Workloads > 0:
		return exit.ErrFindings
	}
	return nil
}

// resolve asks about all images, with a bar that shows how far it is.
func resolve(ctx context.Context, facts impact.Images, workloads []*impact.Workload, now, then *policy.Snapshot, errOut io.Writer) map[string]policy.ImageResult {
	var bar *terminal.Progress
	last := 0
	results := impact.Resolve(ctx, facts, workloads, []*policy.Snapshot{now, then}, impact.ResolveOptions{
		Concurrency: concurrency,
		Progress: func(done, total int) {
			if bar == nil {
				bar = terminal.NewProgress(errOut, "images", total)
			}
			bar.Add(done - last)
			last = done
		},
	})
	if bar != nil {
		bar.Close()
	}
	return results
}
