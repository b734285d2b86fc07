// Package placement gathers what a decision needs and asks package policy for it. Every door to the decision
// (mutating, validating, reviewing) goes through one [Evaluator], so that all see the same snapshot, the same
// image facts and the same function.
package placement

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Cluster is what is known of the cluster.
type Cluster interface {
	// Snapshot is the current snapshot, or nil while there is none yet.
	Snapshot() *policy.Snapshot
	// NamespaceLabels returns the labels of a namespace.
	NamespaceLabels(ctx context.Context, name string) (map[string]string, error)
}

// Images tells what is behind image references.
type Images interface {
	// Facts returns an outcome for every reference, by the reference, for a pod in the pod's namespace. It
	// returns before the context ends. fromTemplate tells that the pull secrets of the pod's service account
	// have not been merged into it yet, as they have in a pod that passed the API server.
	Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult
}

// ErrNotReady is returned until the cluster's policies and nodes are known.
var ErrNotReady = errors.New("the policies and nodes of the cluster are not known yet; try again in a moment")

// Evaluator evaluates placement. It is safe for concurrent use.
type Evaluator struct {
	cluster Cluster
	images  Images
}

// NewEvaluator makes an evaluator.
func NewEvaluator(cluster Cluster, images Images) *Evaluator {
	return &Evaluator{cluster: cluster, images: images}
}

// Evaluate decides about a pod, which must name its namespace. An error means that the question could not be
// evaluated; a refusal is part of the decision.
func (e *Evaluator) Evaluate(ctx context.Context, pod *workload.Pod, subject policy.Subject) (policy.Decision, error) {
	snapshot := e.cluster.Snapshot()
	if snapshot == nil {
		return policy.Decision{}, ErrNotReady
	}
	namespace := pod.Metadata.Namespace
	labels, err := e.cluster.NamespaceLabels(ctx, namespace)
	if err != nil {
		return policy.Decision{}, fmt.Errorf("reading the labels of namespace %q: %w", namespace, err)
	}
	req := &policy.Request{Pod: pod, NamespaceLabels: labels, Subject: subject}
	facts := &policy.Facts{Snapshot: snapshot}
	if references := policy.References(req, snapshot); len(references) > 0 {
		facts.Images = e.images.Facts(ctx, pod, references, subject == policy.Template)
	}
	return policy.Evaluate(req, facts)
}
