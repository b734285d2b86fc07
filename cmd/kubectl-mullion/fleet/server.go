package fleet

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// attempts is how often the policy server is asked about an image whose registry was too slow for it: it goes on
// looking, and knows more when it is asked again.
const attempts = 3

// reviewer answers questions.
type reviewer interface {
	Create(ctx context.Context, question *placementv1alpha1.PlacementReview) (*placementv1alpha1.PlacementReview, error)
}

// fromServer tells what the policy server says of images. Safe for concurrent use.
type fromServer struct {
	server reviewer
	// assumed is the policy that is supposed, because policies say which images may be asked for; nil for none.
	assumed *v1alpha1.WindowsBuildPolicySpec
	// pause is how long to wait before a slow registry is asked about again.
	pause time.Duration
	// abort is called with an error that every other question would come to as well.
	abort context.CancelCauseFunc
}

// Facts returns an outcome for every reference, for a pod like the one given. It returns nothing when the context
// ends.
func (f *fromServer) Facts(ctx context.Context, pod *workload.Pod, references []string, fromTemplate bool) map[string]policy.ImageResult {
	question, err := f.question(pod, references, fromTemplate)
	if err != nil {
		f.abort(err)
		return nil
	}
	var facts map[string]policy.ImageResult
	for attempt := range attempts {
		if attempt > 0 && !wait(ctx, f.pause) {
			break
		}
		answer, err := f.server.Create(ctx, question)
		switch {
		case ctx.Err() != nil:
			return facts
		case apierrors.IsInvalid(err), apierrors.IsBadRequest(err), apierrors.IsNotFound(err):
			return problems(references, err) // It is about this namespace or this pod.
		case err != nil:
			f.abort(err)
			return nil
		}
		if facts = factsOf(answer, references); !anySlow(facts) {
			break
		}
	}
	return facts
}

// question is a review of a pod, or of a template, with nothing in it but what decides about the facts of images: the
// credentials, and whether a policy wants them to be known.
func (f *fromServer) question(pod *workload.Pod, references []string, fromTemplate bool) (*placementv1alpha1.PlacementReview, error) {
	spec := corev1.PodSpec{
		OS:                 &corev1.PodOS{Name: corev1.Windows},
		ServiceAccountName: pod.Spec.ServiceAccountName,
		ImagePullSecrets:   pod.Spec.ImagePullSecrets,
	}
	for i, reference := range references {
		spec.Containers = append(spec.Containers, corev1.Container{Name: fmt.Sprintf("image-%d", i), Image: reference})
	}
	var object any = &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Name: "images", Namespace: pod.Metadata.Namespace, Labels: pod.Metadata.Labels},
		Spec:       spec,
	}
	if fromTemplate {
		object = &corev1.PodTemplate{
			TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "PodTemplate"},
			ObjectMeta: metav1.ObjectMeta{Name: "images", Namespace: pod.Metadata.Namespace},
			Template:   corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: pod.Metadata.Labels}, Spec: spec},
		}
	}
	raw, err := json.Marshal(object)
	if err != nil {
		return nil, fmt.Errorf("encoding a question about images: %w", err)
	}
	review := &placementv1alpha1.PlacementReview{
		ObjectMeta: metav1.ObjectMeta{Namespace: pod.Metadata.Namespace},
		Spec:       placementv1alpha1.PlacementReviewSpec{Object: runtime.RawExtension{Raw: raw}},
	}
	if f.assumed != nil {
		review.Spec.Assume = &placementv1alpha1.Assumptions{Policy: f.assumed}
	}
	return review, nil
}

// problems says of every reference that it could not be asked about.
func problems(references []string, err error) map[string]policy.ImageResult {
	facts := make(map[string]policy.ImageResult, len(references))
	for _, reference := range references {
		facts[reference] = policy.ImageResult{Problem: &policy.ImageProblem{
			Reason: policy.ImageUnreachable, Message: fmt.Sprintf("the policy server could not be asked about it: %v", err),
		}}
	}
	return facts
}

// anySlow tells whether a registry was too slow for the policy server.
func anySlow(facts map[string]policy.ImageResult) bool {
	for _, result := range facts {
		if result.Problem != nil && result.Problem.Reason == policy.ImageTimeout {
			return true
		}
	}
	return false
}

// wait waits, and tells whether the time has passed rather than the context ended.
func wait(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// factsOf are the facts in an answer. What the server says nothing of is a problem.
func factsOf(answer *placementv1alpha1.PlacementReview, references []string) map[string]policy.ImageResult {
	facts := problems(references, errSilent)
	for i := range answer.Status.Images {
		image := &answer.Status.Images[i]
		if image.Problem != nil {
			facts[image.Reference] = policy.ImageResult{Problem: &policy.ImageProblem{
				Reason: policy.ImageProblemReason(image.Problem.Reason), Message: image.Problem.Message,
			}}
			continue
		}
		known := &policy.Image{Reference: image.Reference, Digest: image.Digest, Index: image.Index, Stale: image.Stale}
		for _, p := range image.Platforms {
			known.Platforms = append(known.Platforms, policy.Platform{
				OS: p.OS, Architecture: p.Architecture, OSVersion: p.OSVersion, OSFeatures: p.OSFeatures, Digest: p.Digest,
			})
		}
		facts[image.Reference] = policy.ImageResult{Image: known}
	}
	return facts
}

// errSilent is said of an image that an answer does not mention.
var errSilent = errors.New("it answers nothing about the image")
