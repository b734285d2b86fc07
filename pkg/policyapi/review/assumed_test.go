package review

import (
	"sync"
	"testing"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/assumption"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestAnAssumptionIsMadeOnceForAllWhoShareIt(t *testing.T) {
	base := policy.NewSnapshot(nil, nil, nil)
	kept := &assumedSnapshots{}
	assume := func(base *policy.Snapshot, build string) *policy.Snapshot {
		one := &placementv1alpha1.Assumptions{Nodes: []placementv1alpha1.AssumedNodes{{Build: build, Count: 100}}}
		assumption, errs := assumption.Compile(one, nil)
		if len(errs) > 0 {
			t.Error(errs)
		}
		made, err := kept.of(base, one, assumption)
		if err != nil {
			t.Error(err)
		}
		return made
	}
	first := assume(base, "10.0.20348")
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if assume(base, "10.0.20348") != first {
				t.Error("the same assumption was made again")
			}
		})
	}
	all.Wait()
	if assume(base, "10.0.26100") == first {
		t.Error("two assumptions are taken for one")
	}
	if assume(policy.NewSnapshot(nil, nil, nil), "10.0.20348") == first {
		t.Error("what was assumed of one cluster is told of another")
	}
	for build := range 2 * maxAssumed {
		assume(base, policy.Build{Major: 10, Number: uint32(build)}.String())
	}
	if n := kept.kept.Len(); n != maxAssumed {
		t.Errorf("%d assumptions are remembered", n)
	}
}
