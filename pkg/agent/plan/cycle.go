package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// CycleError is resources that each come after the next one, the last one after the first.
type CycleError struct {
	IDs []state.ID
}

func (e *CycleError) Error() string {
	var names []string
	for _, id := range slices.Concat(e.IDs, e.IDs[:1]) {
		names = append(names, id.String())
	}
	return fmt.Sprintf("resources depend on each other in a circle, so none can be first: %s",
		strings.Join(names, " needs "))
}

// checkCycles walks in the order of keys so that the same cycle is named every time.
func (r Resources) checkCycles() error {
	search := cycleSearch{resources: r, done: map[string]bool{}}
	for _, key := range slices.Sorted(maps.Keys(r.byKey)) {
		if cycle := search.from(key); cycle != nil {
			return &CycleError{IDs: cycle}
		}
	}
	return nil
}

type cycleSearch struct {
	resources Resources
	done      map[string]bool
	path      []string
}

func (s *cycleSearch) from(key string) []state.ID {
	if at := slices.Index(s.path, key); at >= 0 {
		var cycle []state.ID
		for _, member := range s.path[at:] {
			cycle = append(cycle, s.resources.byKey[member].ID())
		}
		return cycle
	}
	if s.done[key] || s.resources.byKey[key] == nil {
		return nil
	}
	s.path = append(s.path, key)
	for _, next := range slices.Sorted(slices.Values(s.resources.after[key])) {
		if cycle := s.from(next); cycle != nil {
			return cycle
		}
	}
	s.path = s.path[:len(s.path)-1]
	s.done[key] = true
	return nil
}
