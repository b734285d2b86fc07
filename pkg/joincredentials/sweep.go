package joincredentials

import (
	"context"
	"fmt"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
	logf "sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// sweepInterval is how often tokens that have ended are looked for, and sweepTimeout how long that may take.
const (
	sweepInterval = 10 * time.Minute
	sweepTimeout  = time.Minute
)

// Sweep deletes the tokens of all hosts that have ended, or that last longer than tokens are made for. Those of a host that
// is gone, because whoever was to revoke them died or was not let, are among them after an hour.
func (i *Issuer) Sweep(ctx context.Context) error {
	secrets, err := i.list(ctx, client.MatchingLabels{})
	if err == nil {
		err = i.delete(ctx, secrets, func(k int) bool {
			token, ok := tokenOf(&secrets[k])
			ours := secrets[k].Labels[v1alpha1.LabelHostUID] != ""
			return ours && ok && (i.left(token) <= 0 || i.left(token) > mostLeft)
		})
	}
	if err != nil {
		return fmt.Errorf("deleting bootstrap tokens that have ended: %w", err)
	}
	return nil
}

var _ manager.LeaderElectionRunnable = (*Sweeper)(nil)

// Sweeper sweeps every ten minutes. It is a Runnable of a manager, for the leader.
type Sweeper struct{ Issuer *Issuer }

// NeedLeaderElection tells that one is enough.
func (s *Sweeper) NeedLeaderElection() bool { return true }

// Start sweeps until the context ends. What could not be deleted is tried again the next time.
func (s *Sweeper) Start(ctx context.Context) error {
	ticker := time.NewTicker(sweepInterval)
	defer ticker.Stop()
	for {
		s.sweep(ctx)
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil
		}
	}
}

func (s *Sweeper) sweep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sweepTimeout)
	defer cancel()
	if err := s.Issuer.Sweep(ctx); err != nil && ctx.Err() == nil {
		logf.FromContext(ctx).WithName("joincredentials").Error(err, "sweeping")
	}
}
