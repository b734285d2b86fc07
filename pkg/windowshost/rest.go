package windowshost

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// How long a host has its pods in peace after a drain that took too long: doubled with every attempt.
const (
	drainRest     = 15 * time.Minute
	drainRestMost = 2 * time.Hour
)

// drainLook is how often it is looked meanwhile whether anything keeps the pods still.
const drainLook = time.Minute

// rest waits after a drain that took too long: what blocks it needs somebody, and to cordon a node again and again keeps
// pods off it for nothing. It is over early when nothing keeps the pods any more, and when somebody asks for a look.
func (s claim) rest(ctx context.Context, p *pass) verdict {
	c := findCondition(p, v1alpha1.HostConditionDraining)
	if c == nil || c.Reason != v1alpha1.ReasonDrainBlocked || c.Status != metav1.ConditionFalse {
		return verdict{}
	}
	asked := p.request != p.host.Status.ObservedReconcile
	if p.claimed != nil || asked || p.node == nil {
		return verdict{} // It waits for its turn since its rest was over.
	}
	end := c.LastTransitionTime.Add(restAfter(p.blockedDrains()))
	left := end.Sub(p.now())
	if left <= 0 || s.freed(ctx, p) {
		return verdict{}
	}
	message := fmt.Sprintf("%s It is tried again when nothing keeps them, at %s at the latest.", c.Message, clockTime(end))
	return wait(v1alpha1.HostWaiting, v1alpha1.ReasonDrainBlocked, message, min(left, drainLook))
}

// blockedDrains is how many drains in a row took too long.
func (p *pass) blockedDrains() int32 {
	if last := p.host.Status.LastError; last != nil && last.Reason == v1alpha1.ReasonDrainBlocked {
		return last.Attempts
	}
	return 1
}

// restAfter is how long a host has its pods in peace after so many drains in a row.
func restAfter(drains int32) time.Duration {
	rest := drainRest
	for range drains - 1 {
		if rest *= 2; rest >= drainRestMost {
			return drainRestMost
		}
	}
	return rest
}

// freed tells whether nothing keeps the pods any more. Where that cannot be told the rest goes on.
func (s claim) freed(ctx context.Context, p *pass) bool {
	progress, err := s.drainer.Look(ctx, p.node.Name, p.drainOptions(p.now()))
	if err != nil {
		ctrl.LoggerFrom(ctx).Info("what keeps the pods is not known", "node", p.node.Name, "reason", err.Error())
		return false
	}
	return len(progress.Blocked) == 0
}
