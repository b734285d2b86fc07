package clusterstate

import (
	"maps"
	"slices"
	"sync"
)

// collection keeps the relevant part of every object of one kind, by name, and whether anything changed
// since it was last taken. Informers put and drop concurrently with the loop that takes.
type collection[T any] struct {
	// same tells whether two parts lead to the same decisions.
	same func(a, b T) bool

	mu      sync.Mutex
	items   map[string]T
	changed bool
}

func newCollection[T any](same func(a, b T) bool) *collection[T] {
	return &collection[T]{same: same, items: map[string]T{}}
}

// put returns the part of an object that is kept, and tells whether that changed anything. A part that leads to the
// same decisions as the one there is dropped, and the one there kept.
func (c *collection[T]) put(name string, item T) (kept T, changed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if there, ok := c.items[name]; ok && c.same(there, item) {
		return there, false
	}
	c.items[name] = item
	c.changed = true
	return item, true
}

// drop forgets an object and tells whether it was there.
func (c *collection[T]) drop(name string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.items[name]; !ok {
		return false
	}
	delete(c.items, name)
	c.changed = true
	return true
}

// pending tells whether anything changed since the last take.
func (c *collection[T]) pending() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// take returns the parts in no particular order. Changes from here on are pending again.
func (c *collection[T]) take() []T {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changed = false
	return slices.AppendSeq(make([]T, 0, len(c.items)), maps.Values(c.items))
}
