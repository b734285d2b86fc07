package plan

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// lookInterval is how often the status is read while the node manager is waited for.
const lookInterval = 250 * time.Millisecond

// refresh has the node manager look at a host, and returns the host as it is then. If it does not look in time, the host
// is returned as it is all the same, with an error.
func (h *hosts) refresh(ctx context.Context, host *v1alpha1.WindowsHost, now time.Time, timeout time.Duration) (*v1alpha1.WindowsHost, error) {
	key := client.ObjectKeyFromObject(host)
	asked := host.DeepCopy()
	if asked.Annotations == nil {
		asked.Annotations = map[string]string{}
	}
	asked.Annotations[v1alpha1.AnnotationReconcile] = now.UTC().Format(time.RFC3339Nano)
	if err := h.client.Patch(ctx, asked, client.MergeFrom(host)); err != nil {
		return host, h.explain("patch", key.Namespace, err)
	}
	newest := host
	waiting, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	err := wait.PollUntilContextCancel(waiting, lookInterval, true, func(ctx context.Context) (bool, error) {
		current, err := h.get(ctx, key)
		if err != nil {
			return false, err
		}
		newest = current
		// If somebody else has asked after us, their look is newer still.
		return current.Status.ObservedReconcile == current.Annotations[v1alpha1.AnnotationReconcile], nil
	})
	switch {
	case err == nil:
		return newest, nil
	case ctx.Err() != nil:
		return newest, cluster.ErrInterrupted
	case errors.Is(waiting.Err(), context.DeadlineExceeded):
		return newest, fmt.Errorf("the node manager has not looked at WindowsHost %s within %s, so that this is older than asked for: "+
			"does it run? Its log tells: kubectl logs --namespace mullion-system deployment/mullion-nodemanager", key, timeout)
	}
	return newest, err
}
