package impact

import (
	"context"
	"maps"
	"sync"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Images tells what is behind image references.
type Images interface {
	// Facts returns an outcome for every reference, by the reference, for a pod in the pod's namespace. It
	// returns before the context ends. fromTemplate tells that the pull secrets of the pod's service account
	// have not been merged into it yet.
	Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult
}

// ResolveOptions say how images are asked about. Zero values stand for the defaults, in parentheses.
type ResolveOptions struct {
	// Concurrency is how many images are asked about at once (16).
	Concurrency int
	// Progress is told how many of the images are done (nobody): first zero, then each. Calls do not overlap.
	Progress func(done, total int)
	// Known are results of an earlier call. They are part of the result, and not asked for again.
	Known map[string]policy.ImageResult
}

// maxAskers is with how many workloads' credentials an image is asked about before the refusal is believed.
const maxAskers = 3

// Resolve asks about every image that judging the workloads in the snapshots needs, each once. The first snapshot is the
// cluster as it is. An image is asked about with the
// credentials of a workload that uses it or, where the registry refuses those, with those of the next. What is not
// known when the context ends is a problem of the kind [policy.ImageTimeout].
func Resolve(ctx context.Context, images Images, workloads []*Workload, snapshots []*policy.Snapshot, o ResolveOptions) map[string]policy.ImageResult {
	questions := questionsOf(workloads, snapshots, o.Known)
	if o.Concurrency <= 0 {
		o.Concurrency = 16
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	results := make(map[string]policy.ImageResult, len(questions)+len(o.Known))
	maps.Copy(results, o.Known)
	done := 0
	o.Progress(done, len(questions))
	var mu sync.Mutex
	var work sync.WaitGroup
	pending := make(chan *question)
	for range min(o.Concurrency, len(questions)) {
		work.Go(func() {
			for q := range pending {
				result := q.ask(ctx, images)
				mu.Lock()
				results[q.reference] = result
				done++
				o.Progress(done, len(questions))
				mu.Unlock()
			}
		})
	}
	for _, q := range questions {
		pending <- q
	}
	close(pending)
	work.Wait()
	return results
}

// question is an image with some of the workloads that use it.
type question struct {
	reference string
	askers    []*Workload
}

// questionsOf lists the images that are not known, in the order in which workloads name them first.
func questionsOf(workloads []*Workload, snapshots []*policy.Snapshot, known map[string]policy.ImageResult) []*question {
	var questions []*question
	byReference := map[string]*question{}
	for _, w := range workloads {
		req := &policy.Request{Pod: before(w, snapshots[0]), NamespaceLabels: w.NamespaceLabels, Subject: policy.Template}
		for _, s := range snapshots {
			for _, reference := range policy.References(req, s) {
				if _, ok := known[reference]; ok {
					continue
				}
				q := byReference[reference]
				if q == nil {
					q = &question{reference: reference}
					byReference[reference] = q
					questions = append(questions, q)
				}
				q.add(w)
			}
		}
	}
	return questions
}

// add adds a workload that may have other credentials than those there.
func (q *question) add(w *Workload) {
	if len(q.askers) == maxAskers {
		return
	}
	for _, there := range q.askers {
		if there == w || there.Namespace == w.Namespace && there.Template.Spec.ServiceAccountName == w.Template.Spec.ServiceAccountName {
			return
		}
	}
	q.askers = append(q.askers, w)
}

func (q *question) ask(ctx context.Context, images Images) policy.ImageResult {
	var result policy.ImageResult
	for _, w := range q.askers {
		if ctx.Err() != nil {
			break
		}
		result = images.Facts(ctx, w.Template, []string{q.reference}, !w.Bare)[q.reference]
		if result.Problem == nil || !refused(result.Problem.Reason) {
			break
		}
	}
	if result.Image == nil && result.Problem == nil {
		return policy.ImageResult{Problem: &policy.ImageProblem{
			Reason: policy.ImageTimeout, Message: "its registry was not asked before the time was over",
		}}
	}
	return result
}

// refused tells whether other credentials might help. Many registries say of an image that may not be seen that it does
// not exist.
func refused(reason policy.ImageProblemReason) bool {
	return reason == policy.ImageUnauthorized || reason == policy.ImageNotFound
}
