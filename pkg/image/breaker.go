package image

import (
	"sync"
	"time"
)

// breaker leaves a registry alone after it has failed several times in a row, or for as long as it asks.
// Then it lets one look-up through, and the rest only if that one gets an answer.
type breaker struct {
	limit    int
	coolDown time.Duration

	mu       sync.Mutex
	failures int
	// openUntil is zero while all is well.
	openUntil time.Time
	// probing tells that the one look-up is under way.
	probing bool
}

// rejecting returns for how long look-ups are refused, at least; 0 if they are not.
func (b *breaker) rejecting(now time.Time) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case now.Before(b.openUntil):
		return b.openUntil.Sub(now)
	case b.probing:
		return b.coolDown
	default:
		return 0
	}
}

// admit tells whether a look-up may go ahead. One that may must end in record.
func (b *breaker) admit(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Before(b.openUntil) || b.probing {
		return false
	}
	b.probing = !b.openUntil.IsZero()
	return true
}

// verdict is what a look-up says about the registry's health.
type verdict int

const (
	// verdictNone: the look-up was cut off by us.
	verdictNone verdict = iota
	verdictHealthy
	verdictFailed
)

// record takes the end of an admitted look-up. A failure may say for how long the registry asks to be left
// alone.
func (b *breaker) record(now time.Time, v verdict, retryAfter time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	probe := b.probing
	b.probing = false
	switch v {
	case verdictNone:
	case verdictHealthy:
		b.failures, b.openUntil = 0, time.Time{}
	case verdictFailed:
		b.failures++
		if probe || b.failures >= b.limit || retryAfter > 0 {
			until := now.Add(max(b.coolDown, retryAfter))
			if until.After(b.openUntil) {
				b.openUntil = until
			}
		}
	}
}
