package impact

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Comparison is a cluster as it is and as it might be. It may be used by several goroutines.
type Comparison struct {
	// Now is the cluster as it is, and Then as it might be; see [policy.Snapshot.Assume].
	Now, Then *policy.Snapshot
	// Images are the facts of the workloads' images; see [Resolve].
	Images map[string]policy.ImageResult
}

// Result is what the change means for one workload.
type Result struct {
	*Workload
	// Builds are the builds that the workload's pods are on now, oldest first.
	Builds []BuildPods
	// Now and Then are the verdicts before and after the change.
	Now, Then Verdict
}

// Already tells that the workload is stranded before the change, too: its pods run, but could not be made again.
func (r *Result) Already() bool { return r.Now.Outcome == Stranded }

// Judge tells what the change means for a workload. The error means that the facts of an image were not given.
func (c *Comparison) Judge(w *Workload) (Result, error) {
	result, err := c.compare(w)
	if err == nil && result.Then.Outcome == Unknown && result.stays() {
		result.Then = Verdict{Outcome: Untouched, Policy: result.Then.Policy, Mode: result.Then.Mode}
	}
	return result, err
}

// compare judges a workload before and after the change.
func (c *Comparison) compare(w *Workload) (Result, error) {
	template := before(w, c.Now)
	result := Result{Workload: w, Builds: w.Pods.Builds(c.Now.Fleet())}
	var err error
	if result.Now, err = judge(w, template, &policy.Facts{Snapshot: c.Now, Images: c.Images}); err != nil {
		return Result{}, fmt.Errorf("judging %s in namespace %s as it is: %w", w.Owner, w.Namespace, err)
	}
	if result.Then, err = judge(w, template, &policy.Facts{Snapshot: c.Then, Images: c.Images}); err != nil {
		return Result{}, fmt.Errorf("judging %s in namespace %s as it might be: %w", w.Owner, w.Namespace, err)
	}
	return result, nil
}

// stays tells that every build that the pods are on takes them after the change, too.
func (r *Result) stays() bool {
	for _, on := range r.Builds {
		if !slices.Contains(r.Then.takers, on.Build) {
			return false
		}
	}
	return len(r.Builds) > 0
}

// before is what a workload's pods would be made from in the cluster as it is.
func before(w *Workload, now *policy.Snapshot) *workload.Pod {
	if w.Bare {
		return now.BeforePlacement(w.Template, w.NamespaceLabels)
	}
	return w.Template
}

// Tally is a number of workloads and of their pods.
type Tally struct{ Workloads, Pods int }

func (t *Tally) add(pods int) {
	t.Workloads++
	t.Pods += pods
}

// Report is what a change means for a population.
type Report struct {
	// Total counts everything, and Outcomes what the change makes of it.
	Total    Tally
	Outcomes map[Outcome]Tally
	// Already counts those of the stranded that are stranded before the change.
	Already Tally
	// Stranded and Unknown are the workloads of these outcomes, in the order in which they were given.
	Stranded, Unknown []Result
}

// Report tells what the change means for all workloads.
func (c *Comparison) Report(workloads []*Workload) (*Report, error) {
	report := &Report{Outcomes: map[Outcome]Tally{}}
	for _, w := range workloads {
		result, err := c.Judge(w)
		if err != nil {
			return nil, err
		}
		report.add(&result)
	}
	return report, nil
}

func (r *Report) add(result *Result) {
	r.Total.add(result.Count)
	tally := r.Outcomes[result.Then.Outcome]
	tally.add(result.Count)
	r.Outcomes[result.Then.Outcome] = tally
	switch result.Then.Outcome {
	case Stranded:
		r.Stranded = append(r.Stranded, *result)
		if result.Already() {
			r.Already.add(result.Count)
		}
	case Unknown:
		r.Unknown = append(r.Unknown, *result)
	}
}
