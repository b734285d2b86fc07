package hostaccess

import (
	"maps"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
)

// keysFor is how long the keys of a Secret are used without looking again: hosts by the hundred share one Secret, and a
// rotation may well take some seconds to begin.
const keysFor = 10 * time.Second

// recentKeys are keys that were read a moment ago. What is wrong with a Secret is not kept: it is to be gone at once.
type recentKeys struct {
	clock clock.PassiveClock

	mu    sync.Mutex
	known map[types.NamespacedName]readKeys
}

type readKeys struct {
	keys *Keys
	at   time.Time
}

func newRecentKeys(c clock.PassiveClock) *recentKeys {
	return &recentKeys{clock: c, known: map[types.NamespacedName]readKeys{}}
}

// get returns nil where the keys have to be read.
func (r *recentKeys) get(secret types.NamespacedName) *Keys {
	r.mu.Lock()
	defer r.mu.Unlock()
	read, known := r.known[secret]
	if !known || r.old(read) {
		return nil
	}
	return read.keys
}

// put keeps keys, and drops those that are too old.
func (r *recentKeys) put(secret types.NamespacedName, keys *Keys) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.known, func(_ types.NamespacedName, read readKeys) bool { return r.old(read) })
	r.known[secret] = readKeys{keys: keys, at: r.clock.Now()}
}

func (r *recentKeys) old(read readKeys) bool { return r.clock.Since(read.at) >= keysFor }
