package impact

import (
	"context"
	"maps"

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
}

// Resolve asks about every image that judging the workloads in the snapshots needs, each once, for somebody who may see
// what any of the workloads' credentials reveal. The first snapshot is the cluster as it is. An image is asked about with
// the credentials of a workload that uses it or, where the registry refuses those, with those of the next. What is not
// known when the context ends is a problem of the kind [policy.ImageTimeout].
func Resolve(ctx context.Context, images Images, workloads []*Workload, snapshots []*policy.Snapshot, o ResolveOptions) map[string]policy.ImageResult {
	questions := questionnaire{}
	for _, w := range workloads {
		questions.add("", w, snapshots)
	}
	return questions.resolve(ctx, images, o)[""]
}

// ByNamespace is what is known of images: by namespace, then by reference.
type ByNamespace map[string]map[string]policy.ImageResult

// ResolveByNamespace is [Resolve] for those who may not see everything: what is known of an image through the credentials
// of one namespace is not told to another. An image is asked about once for each namespace that uses it, unless it is
// known there already; what is known is part of the result.
func ResolveByNamespace(ctx context.Context, images Images, workloads []*Workload, snapshots []*policy.Snapshot, known ByNamespace, o ResolveOptions) ByNamespace {
	questions := questionnaire{known: known}
	for _, w := range workloads {
		questions.add(w.Namespace, w, snapshots)
	}
	results := questions.resolve(ctx, images, o)
	for namespace, facts := range known {
		if results[namespace] == nil {
			results[namespace] = facts
			continue
		}
		maps.Copy(results[namespace], facts)
	}
	return results
}
