package review

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"sync"

	lru "github.com/hashicorp/golang-lru/v2"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// maxAssumed is how many assumptions are remembered.
const maxAssumed = 8

// assumedSnapshots remembers what the last assumptions made of the cluster. A question about a whole fleet is
// thousands of reviews with one assumption, and to compile a fleet takes longer than all else in a review. Safe for
// concurrent use.
type assumedSnapshots struct {
	mu sync.Mutex
	// base is the snapshot that all of those kept were made of: with a new one, none is of use any more.
	base *policy.Snapshot
	kept *lru.Cache[assumptionKey, *assumedSnapshot]
}

// assumptionKey is the hash of an assumption as JSON.
type assumptionKey [sha256.Size]byte

// assumedSnapshot is made once, by the first who asks for it; all others wait for that.
type assumedSnapshot struct {
	once     sync.Once
	snapshot *policy.Snapshot
	err      error
}

// of is the snapshot as it would be if an assumption were true. The second argument says the same as the first.
func (s *assumedSnapshots) of(base *policy.Snapshot, assume *placementv1alpha1.Assumptions, a *policy.Assumption) (*policy.Snapshot, error) {
	text, err := json.Marshal(assume)
	if err != nil {
		return nil, fmt.Errorf("encoding the assumption: %w", err)
	}
	one, err := s.get(base, sha256.Sum256(text))
	if err != nil {
		return nil, err
	}
	one.once.Do(func() { one.snapshot, one.err = base.Assume(a) })
	return one.snapshot, one.err
}

func (s *assumedSnapshots) get(base *policy.Snapshot, k assumptionKey) (*assumedSnapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.base != base || s.kept == nil {
		kept, err := lru.New[assumptionKey, *assumedSnapshot](maxAssumed)
		if err != nil {
			return nil, fmt.Errorf("making cache of assumptions: %w", err)
		}
		s.base, s.kept = base, kept
	}
	one, ok := s.kept.Get(k)
	if !ok {
		one = &assumedSnapshot{}
		s.kept.Add(k, one)
	}
	return one, nil
}
