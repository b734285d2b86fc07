package plan

import (
	"container/heap"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// phase is what a step does. Smaller ones are taken first when there is a choice.
type phase int

const (
	phaseSet phase = iota
	phaseStart
	phaseStop
	phaseDelete
	phaseRestart
)

// stepKey names a step.
type stepKey struct {
	phase phase
	id    string
}

// step is one node. Its action is nil if nothing has to be done.
type step struct {
	key     stepKey
	id      state.ID
	action  *state.Action
	next    map[stepKey]bool
	waiting int
}

// graph is the steps and what has to come before what.
type graph struct {
	steps map[stepKey]*step
}

func newGraph() *graph { return &graph{steps: map[stepKey]*step{}} }

// add makes a step, or gives the one that is there an action.
func (g *graph) add(phase phase, id state.ID, action *state.Action) {
	key := stepKey{phase, id.Key()}
	if g.steps[key] == nil {
		g.steps[key] = &step{key: key, id: id, next: map[stepKey]bool{}}
	}
	if action != nil {
		g.steps[key].action = action
	}
}

// order has one step come before another; if either does not exist, nothing.
func (g *graph) order(before, after stepKey) {
	from, to := g.steps[before], g.steps[after]
	if from == nil || to == nil || before == after || from.next[after] {
		return
	}
	from.next[after] = true
	to.waiting++
}

// sorted returns all steps in order. Steps in a cycle are left out; resources were checked for cycles before.
func (g *graph) sorted() []*step {
	waiting := map[stepKey]int{}
	ready := &queue{}
	for key, step := range g.steps {
		waiting[key] = step.waiting
		if step.waiting == 0 {
			heap.Push(ready, step)
		}
	}
	var sorted []*step
	for ready.Len() > 0 {
		first, _ := heap.Pop(ready).(*step)
		sorted = append(sorted, first)
		for key := range first.next {
			if waiting[key]--; waiting[key] == 0 {
				heap.Push(ready, g.steps[key])
			}
		}
	}
	return sorted
}

// queue is a heap of steps that could come next.
type queue []*step

func (q queue) Len() int      { return len(q) }
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any) {
	if added, ok := x.(*step); ok {
		*q = append(*q, added)
	}
}

func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

func (q queue) Less(i, j int) bool {
	a, b := q[i], q[j]
	// What changes nothing costs nothing and may free what comes after it.
	if (a.action == nil) != (b.action == nil) {
		return a.action == nil
	}
	if a.key.phase != b.key.phase {
		return a.key.phase < b.key.phase
	}
	if a.key.phase == phaseDelete {
		return a.id.Compare(b.id) > 0 // what is in a directory before the directory
	}
	return a.id.Compare(b.id) < 0
}
