package cabundle

import (
	"bytes"
	"sync"
	"time"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// retirement decides when CAs that are not in the Secret any more may leave the caBundles. It is safe for
// concurrent use.
//
// The Secret's annotation says when: after the last leaf of an earlier CA has expired. It can be wrong, if
// the Secret was restored from a backup or edited by hand, and then replicas still serve with a CA that it
// does not know of. So the same CAs must also have been in the Secret for a while under the eyes of this
// process, long enough for every replica that can reach the API server to have followed.
type retirement struct {
	delay time.Duration

	mu    sync.Mutex
	seen  []byte
	since time.Time
}

// wait returns how long earlier CAs are still to be kept: until their retirement for a time that is known,
// else for as long as they are valid, which is reported as known = false. Zero means that they may go.
func (r *retirement) wait(now time.Time, wanted authority.Bundle, retireAfter time.Time) (left time.Duration, known bool) {
	r.mu.Lock()
	defer r.mu.Unlock()

	if pem := wanted.PEM(); !bytes.Equal(pem, r.seen) {
		r.seen, r.since = pem, now
	}
	if retireAfter.IsZero() {
		return 0, false
	}
	return max(retireAfter.Sub(now), r.since.Add(r.delay).Sub(now), 0), true
}
