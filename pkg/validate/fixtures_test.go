package validate_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// oracle answers every question with the same decision and remembers what it was asked.
type oracle struct {
	decision policy.Decision
	err      error

	asked   *workload.Pod
	subject policy.Subject
}

func (o *oracle) Evaluate(_ context.Context, pod *workload.Pod, subject policy.Subject) (policy.Decision, error) {
	o.asked, o.subject = pod, subject
	return o.decision, o.err
}

func (o *oracle) ObserveDecision(*policy.Decision) {}

var errNotNow = errors.New("not now")

func refusing(mode v1alpha1.Mode) policy.Decision {
	return policy.Decision{
		Policy: "default", Mode: mode, Windows: true, Chosen: -1,
		Denial: &policy.Finding{
			Reason: policy.ReasonLinuxImage, Field: "spec.containers[0].image",
			Problem: "the image is for Linux", Fix: "use another",
		},
	}
}

func placing(mode v1alpha1.Mode, warnings ...policy.Finding) policy.Decision {
	return policy.Decision{
		Policy: "default", Mode: mode, Windows: true, Candidates: []policy.Candidate{{Fits: true}}, Warnings: warnings,
	}
}

func raw(t *testing.T, object any) []byte {
	t.Helper()
	if object == nil {
		return nil
	}
	if text, ok := object.(string); ok {
		return []byte(text)
	}
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func created(t *testing.T, kind schema.GroupKind, object any) *admission.Request {
	return &admission.Request{
		Kind: kind.WithVersion("v1"), Operation: admissionv1.Create, Namespace: "shop", Object: raw(t, object),
	}
}

func updated(t *testing.T, object, old any) *admission.Request {
	return &admission.Request{
		Kind: podKind.WithVersion("v1"), Operation: admissionv1.Update, Namespace: "shop", Object: raw(t, object), OldObject: raw(t, old),
	}
}

var (
	podKind        = schema.GroupKind{Kind: "Pod"}
	deploymentKind = schema.GroupKind{Group: "apps", Kind: "Deployment"}
	daemonSetKind  = schema.GroupKind{Group: "apps", Kind: "DaemonSet"}
)
