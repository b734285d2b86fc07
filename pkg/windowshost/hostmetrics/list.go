package hostmetrics

import (
	"context"
	"fmt"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// From counts the hosts that a reader has. One that was not looked at yet is Pending.
func From(reader client.Reader) Lister {
	return func(ctx context.Context) (map[v1alpha1.HostPhase]int, error) {
		var hosts v1alpha1.WindowsHostList
		// They are only counted.
		if err := reader.List(ctx, &hosts, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing WindowsHosts: %w", err)
		}
		counts := map[v1alpha1.HostPhase]int{}
		for i := range hosts.Items {
			phase := hosts.Items[i].Status.Phase
			if phase == "" {
				phase = v1alpha1.HostPending
			}
			counts[phase]++
		}
		return counts, nil
	}
}
