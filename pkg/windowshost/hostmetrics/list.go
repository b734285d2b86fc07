package hostmetrics

import (
	"cmp"
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Counts are how many hosts there are.
type Counts struct {
	// Phases are those in each phase.
	Phases map[v1alpha1.HostPhase]int
	// Degraded are those that serve and need somebody nevertheless, by the reason in the condition.
	Degraded map[string]int
}

// From counts the hosts that a reader has. One that was not looked at yet is Pending.
func From(reader client.Reader) Lister {
	return func(ctx context.Context) (*Counts, error) {
		var hosts v1alpha1.WindowsHostList
		// They are only counted.
		if err := reader.List(ctx, &hosts, client.UnsafeDisableDeepCopy); err != nil {
			return nil, fmt.Errorf("listing WindowsHosts: %w", err)
		}
		counts := &Counts{Phases: map[v1alpha1.HostPhase]int{}, Degraded: map[string]int{}}
		for i := range hosts.Items {
			status := &hosts.Items[i].Status
			counts.Phases[cmp.Or(status.Phase, v1alpha1.HostPending)]++
			if c := meta.FindStatusCondition(status.Conditions, v1alpha1.HostConditionDegraded); c != nil && c.Status == metav1.ConditionTrue {
				counts.Degraded[c.Reason]++
			}
		}
		return counts, nil
	}
}
