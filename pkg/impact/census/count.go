package census

import (
	"reflect"
	"time"

	"github.com/mullion-dev/mullion/pkg/impact"
)

// Count is who depends on builds, at a time. It is immutable.
type Count struct {
	// Dependents are those on the builds of all policies that were in force; nil where nothing was counted yet.
	Dependents map[impact.Dependency]*impact.Dependent
	// Problem says why pods could not be read lately; nil where they could.
	Problem *Problem
}

// Problem says why pods could not be read.
type Problem struct {
	// Err is the reason.
	Err error
	// Last is when pods could be read last; zero where they never could.
	Last time.Time
}

// same tells that nobody has to look at b who has seen a. Which pods of a workload are named does not count.
func same(a, b *Count) bool {
	return sameProblem(a.Problem, b.Problem) && reflect.DeepEqual(essence(a), essence(b))
}

func sameProblem(a, b *Problem) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Last.Equal(b.Last) && a.Err.Error() == b.Err.Error()
}

// dependent is an [impact.Dependent] with names in the place of workloads.
type dependent struct {
	pods, stranded, unknown int
	images                  []string
	workloads               []string
}

func essence(c *Count) map[impact.Dependency]dependent {
	if c.Dependents == nil {
		return nil
	}
	all := make(map[impact.Dependency]dependent, len(c.Dependents))
	for key, d := range c.Dependents {
		one := dependent{pods: d.Pods, stranded: d.Stranded, unknown: d.Unknown, images: d.Images}
		for _, w := range d.Workloads {
			one.workloads = append(one.workloads, w.Namespace+"/"+w.Owner.String())
		}
		all[key] = one
	}
	return all
}
