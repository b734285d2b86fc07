package mutate

import (
	"context"
	"fmt"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Evaluator decides about pods.
type Evaluator interface {
	Evaluate(ctx context.Context, pod *workload.Pod, subject policy.Subject) (policy.Decision, error)
}

// Observer is told of every decision that was made.
type Observer interface {
	ObserveDecision(decision *policy.Decision)
}

// AuditPlacement is the audit annotation that says where a pod was placed, or would have been.
const AuditPlacement = "placement"

// PodReviewer places pods as they are created. It refuses none: the pod that is judged is the final one,
// after every other webhook has changed it.
type PodReviewer struct {
	Evaluator Evaluator
	Observer  Observer
}

// Review answers one request about a pod.
func (r *PodReviewer) Review(ctx context.Context, request *admission.Request) (admission.Response, error) {
	pod, err := request.Pod()
	if err != nil {
		return admission.Response{}, err
	}
	decision, err := r.Evaluator.Evaluate(ctx, pod, policy.NewPod)
	if err != nil {
		return admission.Response{}, err
	}
	r.Observer.ObserveDecision(&decision)
	response := admission.Allow()
	if decision.Edits.Empty() {
		return response, nil
	}
	response.AuditAnnotations = map[string]string{AuditPlacement: describe(&decision)}
	response.Patch = PodPatch(&decision, pod)
	return response, nil
}

// PodPatch is what a decision about a pod changes in it, nothing where the policy's mode changes nothing.
func PodPatch(decision *policy.Decision, pod *workload.Pod) []admission.Operation {
	if !decision.Places() {
		return nil
	}
	return Patch(&pod.Spec, &decision.Edits, "spec")
}

// describe is one sentence about what was decided.
func describe(decision *policy.Decision) string {
	verb := "places"
	if !decision.Places() {
		verb = "would place"
	}
	choice := decision.Choice()
	switch {
	case choice != nil:
		return fmt.Sprintf("policy %s %s the pod on %s with RuntimeClass %s", decision.Policy, verb, choice.Build, choice.RuntimeClass)
	case decision.Windows:
		return fmt.Sprintf("policy %s takes the pod for a Windows pod, and no build fits", decision.Policy)
	default:
		return fmt.Sprintf("policy %s %s the pod on Linux nodes", decision.Policy, verb)
	}
}

// DaemonSetReviewer gives the templates of DaemonSets, where the policy wants it, what makes their controller
// choose nodes on which the pods can run. No other workload's template is ever changed.
type DaemonSetReviewer struct {
	Evaluator Evaluator
}

// Review answers one request about a DaemonSet.
func (r *DaemonSetReviewer) Review(ctx context.Context, request *admission.Request) (admission.Response, error) {
	object, err := request.Workload()
	if err != nil {
		return admission.Response{}, err
	}
	decision, err := r.Evaluator.Evaluate(ctx, object.Template, policy.Template)
	if err != nil {
		return admission.Response{}, err
	}
	return admission.Response{Allowed: true, Patch: DaemonSetPatch(&decision, object)}, nil
}

// DaemonSetPatch is what a decision about a DaemonSet's template changes in the DaemonSet.
func DaemonSetPatch(decision *policy.Decision, object *workload.Object) []admission.Operation {
	if !decision.Places() || decision.Denial != nil {
		return nil
	}
	path := []string{"spec", "template", "spec"}
	spec := &object.Template.Spec
	return append(Patch(spec, &decision.Template.Edits, path...), AffinityPatch(spec, decision.Template.Builds, path...)...)
}
