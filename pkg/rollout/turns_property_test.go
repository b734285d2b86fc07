package rollout

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// lagging is a cluster whose cache shows each host as it was some time ago.
type lagging struct {
	client.Reader
	written, shown []v1alpha1.WindowsHost
}

func (l *lagging) List(_ context.Context, list client.ObjectList, _ ...client.ListOption) error {
	if hosts, ok := list.(*v1alpha1.WindowsHostList); ok {
		hosts.Items = l.shown
	}
	return nil
}

// catchUp lets the cache show a host as it is.
func (l *lagging) catchUp(i int) { l.written[i].DeepCopyInto(&l.shown[i]) }

// TestNoMoreTurnsThanMayBeAreWrittenWhateverTheCacheShowsAndWheneverTheProcessEnds plays passes of hosts against a
// cache that lags behind, with a process that ends at any time: before a turn is written, or after.
func TestNoMoreTurnsThanMayBeAreWrittenWhateverTheCacheShowsAndWheneverTheProcessEnds(t *testing.T) {
	for seed := range uint64(100) {
		random := rand.New(rand.NewPCG(seed, seed))
		limit := 1 + random.IntN(3)
		p := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "general"}}
		p.Spec.Rollout = policy(func(r *v1alpha1.RolloutPolicy) { r.MaxUnavailable = ptr(intstr.FromInt(limit)) })
		cluster := &lagging{}
		for i := range 3 + random.IntN(6) {
			cluster.written = append(cluster.written, *windowsHost(fmt.Sprintf("h%d", i)))
			cluster.shown = append(cluster.shown, *windowsHost(fmt.Sprintf("h%d", i)))
		}
		clock := clocktesting.NewFakePassiveClock(now)
		open := func(context.Context, ...string) (bool, string, error) { return true, "", nil }
		turns, given := NewTurns(cluster, open, clock, nil), 0
		for range 400 {
			clock.SetTime(clock.Now().Add(time.Duration(random.IntN(2000)) * time.Millisecond))
			i := random.IntN(len(cluster.written))
			h := &cluster.written[i]
			switch event := random.IntN(10); {
			case event <= 2:
				cluster.catchUp(i)
			case event == 3: // Another process begins, with a cache that has just been filled.
				for j := range cluster.shown {
					cluster.catchUp(j)
				}
				turns = NewTurns(cluster, open, clock, nil)
			case h.Status.Disruption != nil && event <= 6:
				h.Status.Disruption = nil
				turns.Give(key(h.Name))
			case h.Status.Disruption == nil:
				decision, err := turns.Take(t.Context(), Ask{Host: h.DeepCopy(), Policy: p, Reason: change, Node: h.Status.Node.Name})
				if err != nil {
					t.Fatal(err)
				}
				if decision.May && event < 9 { // Else the process that asked has come to nothing.
					h.Status.Disruption = &v1alpha1.HostDisruption{Reason: change, Since: metav1.NewTime(clock.Now().Truncate(time.Second))}
					given++
				}
			}
			written := 0
			for j := range cluster.written {
				if cluster.written[j].Status.Disruption != nil {
					written++
				}
			}
			if written > limit {
				t.Fatalf("seed %d: %d hosts have a turn, and %d may", seed, written, limit)
			}
		}
		if given == 0 {
			t.Fatalf("seed %d: no host had a turn", seed)
		}
	}
}
