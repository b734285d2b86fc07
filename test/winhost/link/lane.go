package link

import (
	"sync"
	"time"
)

// lane is one direction of the cable.
type lane struct {
	mu    sync.Mutex
	speed Speed
	free  time.Time // When the last byte that was sent has left.
}

func (l *lane) setSpeed(speed Speed) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.speed = speed
	l.free = time.Time{}
}

// send says when bytes that are sent now have left, and when they arrive.
func (l *lane) send(now time.Time, size int) (left, arrival time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	left = now
	if l.speed.BytesPerSecond > 0 {
		if l.free.After(now) {
			left = l.free
		}
		left = left.Add(time.Duration(size) * time.Second / time.Duration(l.speed.BytesPerSecond))
		l.free = left
	}
	return left, left.Add(l.speed.Latency)
}
