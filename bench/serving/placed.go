package main

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"

	"github.com/mullion-dev/mullion/bench"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// captured is the review as it was captured.
func captured() ([]byte, error) { return bench.PodCreate, nil }

// placed is the captured review with the pod as the mutating endpoint leaves it, which is what the API server
// sends to the validating one.
func placed() ([]byte, error) {
	pod, err := bench.CapturedPod()
	if err != nil {
		return nil, err
	}
	evaluator, err := newEvaluator(pod)
	if err != nil {
		return nil, err
	}
	pod.Metadata.Namespace = "default"
	decision, err := evaluator.Evaluate(context.Background(), pod, policy.NewPod)
	if err != nil {
		return nil, fmt.Errorf("placing the captured pod: %w", err)
	}
	operations, err := json.Marshal(mutate.Patch(&pod.Spec, &decision.Edits, "request", "object", "spec"))
	if err != nil {
		return nil, fmt.Errorf("encoding the patch: %w", err)
	}
	patch, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		return nil, fmt.Errorf("reading the patch: %w", err)
	}
	review, err := patch.Apply(bench.PodCreate)
	if err != nil {
		return nil, fmt.Errorf("placing the captured pod: %w", err)
	}
	return review, nil
}
