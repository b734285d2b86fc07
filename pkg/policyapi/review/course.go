package review

import (
	"context"
	"encoding/json"
	"fmt"

	jsonpatch "github.com/evanphx/json-patch/v5"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// review has the object go its way through admission.
func (s *sitting) review(ctx context.Context, subject *subject) (placementv1alpha1.PlacementReviewStatus, error) {
	if subject.object.Path == "" {
		pod, err := s.admit(ctx, subject.raw)
		if err != nil {
			return placementv1alpha1.PlacementReviewStatus{}, err
		}
		return s.status(pod, subject.object, pod.patch, placementv1alpha1.PatchObject, pod.verdict.Warnings)
	}
	applied, err := s.apply(ctx, subject)
	if err != nil {
		return placementv1alpha1.PlacementReviewStatus{}, err
	}
	template, err := templateJSON(applied.raw, applied.object.Path)
	if err != nil {
		return placementv1alpha1.PlacementReviewStatus{}, err
	}
	pod, err := s.admit(ctx, template)
	if err != nil {
		return placementv1alpha1.PlacementReviewStatus{}, err
	}
	if len(applied.patch) > 0 {
		return s.status(pod, applied.object, applied.patch, placementv1alpha1.PatchObject, applied.verdict.Warnings)
	}
	return s.status(pod, applied.object, pod.patch, placementv1alpha1.PatchPods, applied.verdict.Warnings)
}

// admitted is what admission makes of a pod.
type admitted struct {
	// decision is about the pod as it was given, and verdict about what became of it.
	decision policy.Decision
	patch    []admission.Operation
	verdict  validate.Verdict
}

// admit has a pod placed, and judged as it then is.
func (s *sitting) admit(ctx context.Context, raw []byte) (*admitted, error) {
	pod, decision, err := s.evaluatePod(ctx, raw)
	if err != nil {
		return nil, err
	}
	result := &admitted{decision: decision, patch: mutate.PodPatch(&decision, pod)}
	if len(result.patch) > 0 {
		if raw, err = applyPatch(raw, result.patch); err != nil {
			return nil, err
		}
		if pod, decision, err = s.evaluatePod(ctx, raw); err != nil {
			return nil, err
		}
	}
	result.verdict = validate.JudgePod(&decision, pod)
	return result, nil
}

func (s *sitting) evaluatePod(ctx context.Context, raw []byte) (*workload.Pod, policy.Decision, error) {
	pod, err := workload.Decode(raw)
	if err != nil {
		return nil, policy.Decision{}, err
	}
	pod.Metadata.Namespace = s.namespace
	decision, err := s.evaluate(ctx, pod, policy.NewPod)
	return pod, decision, err
}

func (s *sitting) evaluate(ctx context.Context, pod *workload.Pod, as policy.Subject) (policy.Decision, error) {
	return placement.NewEvaluator(s, s).Evaluate(ctx, pod, as)
}

// applied is what admission makes of an object that makes pods.
type applied struct {
	raw     []byte
	object  *workload.Object
	patch   []admission.Operation
	verdict validate.Verdict
}

// apply has an object that makes pods changed, as a DaemonSet may be, and commented on as it then is.
func (s *sitting) apply(ctx context.Context, subject *subject) (*applied, error) {
	result := &applied{raw: subject.raw, object: subject.object}
	decision, err := s.evaluate(ctx, result.object.Template, policy.Template)
	if err != nil {
		return nil, err
	}
	if result.object.Kind.Kind == "DaemonSet" {
		result.patch = mutate.DaemonSetPatch(&decision, result.object)
	}
	if len(result.patch) > 0 {
		if result.raw, err = applyPatch(result.raw, result.patch); err != nil {
			return nil, err
		}
		if result.object, err = workload.DecodeObject(result.object.Kind, result.raw); err != nil {
			return nil, err
		}
		result.object.Template.Metadata.Namespace = s.namespace
		if decision, err = s.evaluate(ctx, result.object.Template, policy.Template); err != nil {
			return nil, err
		}
	}
	result.verdict = validate.JudgeTemplate(&decision, result.object)
	return result, nil
}

// applyPatch does what the API server does with the patch of a webhook.
func applyPatch(raw []byte, operations []admission.Operation) ([]byte, error) {
	text, err := json.Marshal(operations)
	if err != nil {
		return nil, fmt.Errorf("encoding the patch: %w", err)
	}
	patch, err := jsonpatch.DecodePatch(text)
	if err != nil {
		return nil, fmt.Errorf("reading the patch: %w", err)
	}
	patched, err := patch.Apply(raw)
	if err != nil {
		return nil, fmt.Errorf("applying the patch: %w", err)
	}
	return patched, nil
}
