package impact

import (
	"context"
	"slices"
	"sync"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// maxAskers is with how many workloads' credentials an image is asked about before the refusal is believed.
const maxAskers = 3

// questionnaire lists images, in the order in which workloads name them first.
type questionnaire struct {
	// known are the images that are not to be asked about.
	known     ByNamespace
	questions []*question
	byKey     map[questionKey]*question
}

// questionKey is an image and the namespace to which the answer may be told; empty for everybody.
type questionKey struct{ namespace, reference string }

// question is an image with some of the workloads that use it.
type question struct {
	questionKey
	askers []*Workload
}

// add adds the images of a workload that judging it in the snapshots needs. The first is the cluster as it is.
func (q *questionnaire) add(namespace string, w *Workload, snapshots []*policy.Snapshot) {
	req := &policy.Request{Pod: before(w, snapshots[0]), NamespaceLabels: w.NamespaceLabels, Subject: policy.Template}
	for _, s := range snapshots {
		for _, reference := range policy.References(req, s) {
			if _, known := q.known[namespace][reference]; !known {
				q.of(questionKey{namespace, reference}).add(w)
			}
		}
	}
}

func (q *questionnaire) of(key questionKey) *question {
	if there := q.byKey[key]; there != nil {
		return there
	}
	if q.byKey == nil {
		q.byKey = map[questionKey]*question{}
	}
	one := &question{questionKey: key}
	q.byKey[key] = one
	q.questions = append(q.questions, one)
	return one
}

// resolve asks all questions, several at a time.
func (q *questionnaire) resolve(ctx context.Context, images Images, o ResolveOptions) ByNamespace {
	if o.Concurrency <= 0 {
		o.Concurrency = 16
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	results := ByNamespace{}
	done, total := 0, len(q.questions)
	o.Progress(done, total)
	var mu sync.Mutex
	var work sync.WaitGroup
	pending := make(chan *question)
	for range min(o.Concurrency, total) {
		work.Go(func() {
			for one := range pending {
				result := one.ask(ctx, images)
				mu.Lock()
				if results[one.namespace] == nil {
					results[one.namespace] = map[string]policy.ImageResult{}
				}
				results[one.namespace][one.reference] = result
				done++
				o.Progress(done, total)
				mu.Unlock()
			}
		})
	}
	for _, one := range q.questions {
		pending <- one
	}
	close(pending)
	work.Wait()
	return results
}

// add adds a workload that may have other credentials than those there.
func (q *question) add(w *Workload) {
	if len(q.askers) == maxAskers {
		return
	}
	for _, there := range q.askers {
		if there == w || there.Namespace == w.Namespace && there.sameCredentials(w) {
			return
		}
	}
	q.askers = append(q.askers, w)
}

// sameCredentials tells whether workloads of one namespace name the same pull secrets, by themselves and by their
// service accounts.
func (w *Workload) sameCredentials(other *Workload) bool {
	a, b := &w.Template.Spec, &other.Template.Spec
	return a.ServiceAccountName == b.ServiceAccountName && slices.Equal(a.ImagePullSecrets, b.ImagePullSecrets)
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
