package rollout

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// memory is what a process remembers of turns beside what statuses show.
type memory struct {
	// given are the turns that were given and that the cache does not show yet.
	given map[types.NamespacedName]turn
	// expected is until when a host that waits is believed to ask again. One that does not cannot be reached, or is
	// gone: its claim is left in its status, and must not hold up those behind it.
	expected map[types.NamespacedName]time.Time
	// replacements are the machines that are missing.
	replacements replacements
	// since is when the process began to remember.
	since time.Time
}

// turn is one that was given.
type turn struct {
	reason v1alpha1.DisruptionReason
	digest string
	at     time.Time
}

func newMemory(now time.Time) memory {
	return memory{
		given:    map[types.NamespacedName]turn{},
		expected: map[types.NamespacedName]time.Time{},
		replacements: replacements{
			pending: map[types.NamespacedName]replacement{},
			counted: map[types.NamespacedName]bool{},
		},
		since: now,
	}
}

// patience is for how much longer a host that waits is waited for than it was told to wait, and how long for one that has
// not asked this process yet.
const patience = 5 * time.Minute

// maxUnwritten is for how long a turn is kept that no status shows. A pass over a host has a shorter deadline; what is left
// after that is of one that ended in between.
const maxUnwritten = 10 * time.Minute

func (m *memory) give(host types.NamespacedName, policy string, t turn) {
	m.given[host] = t
	delete(m.expected, host)
	if t.reason == v1alpha1.DisruptionReplace {
		m.replacements.pending[host] = replacement{policy: policy, since: t.at}
	}
}

func (m *memory) giveBack(host types.NamespacedName) { delete(m.given, host) }

func (m *memory) refuse(host types.NamespacedName, now time.Time, retryAfter time.Duration) {
	delete(m.given, host)
	m.expected[host] = now.Add(retryAfter + patience)
}

// isWaiting tells whether a host that claims a turn is still waiting for it.
func (m *memory) isWaiting(host types.NamespacedName, now time.Time) bool {
	until, asked := m.expected[host]
	if !asked {
		until = m.since.Add(patience)
	}
	return !now.After(until)
}

// overlay adds to a host the turn that its status does not show yet. A disruption that began before the turn was given is
// an earlier one, whose end the cache has not shown.
func (m *memory) overlay(h *Host, now time.Time) {
	t, given := m.given[h.Key]
	if !given {
		return
	}
	// A status has whole seconds.
	isShown := h.Disruption != nil && !h.Disruption.Since.Time.Before(t.at.Truncate(time.Second))
	if isShown || now.Sub(t.at) > maxUnwritten {
		delete(m.given, h.Key)
		return
	}
	h.Wants, h.Refusal, h.Wanted.Digest = "", "", t.digest
	h.Disruption = &v1alpha1.HostDisruption{Reason: t.reason, Digest: t.digest, Since: metav1.NewTime(t.at)}
}

// forget drops what is remembered of hosts that are gone, but for those that others are to take the place of.
func (m *memory) forget(exists func(types.NamespacedName) bool) {
	for host := range m.given {
		if !exists(host) {
			delete(m.given, host)
		}
	}
	for host := range m.expected {
		if !exists(host) {
			delete(m.expected, host)
		}
	}
}
