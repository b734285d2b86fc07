package review

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/assumption"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Options of a reviewer. All are required.
type Options struct {
	Cluster Cluster
	Images  Images
	Scope   Scope
}

// Reviewer answers reviews. Safe for concurrent use.
type Reviewer struct {
	options Options
	kinds   *runtime.Scheme
	assumed *assumedSnapshots
}

// New makes a reviewer.
func New(options Options) (*Reviewer, error) {
	scheme, err := kinds()
	if err != nil {
		return nil, err
	}
	return &Reviewer{options: options, kinds: scheme, assumed: &assumedSnapshots{}}, nil
}

// Question is one review.
type Question struct {
	// Namespace is where the object is to be.
	Namespace string
	Spec      *placementv1alpha1.PlacementReviewSpec
	Caller    Caller
}

// Answer is the answer to a question.
type Answer struct {
	Status placementv1alpha1.PlacementReviewStatus
	// Name is the object's name, empty where it has none yet.
	Name string
	// Strict are faults of the object that strict clients want refused, and others want to be told of.
	Strict field.ErrorList
}

// Review answers a question. An [InvalidError] says what is wrong with it, [placement.ErrNotReady] that it is too
// early to ask; any other error is one of reading the namespace.
func (r *Reviewer) Review(ctx context.Context, q Question) (*Answer, error) {
	subject, err := r.subjectOf(q)
	if err != nil {
		return nil, err
	}
	snapshot := r.options.Cluster.Snapshot()
	if snapshot == nil {
		return nil, placement.ErrNotReady
	}
	var notes []string
	if subject.assumption != nil {
		notes = snapshot.Moot(subject.assumption)
	}
	if snapshot, err = r.suppose(snapshot, q.Spec.Assume, subject.assumption); err != nil {
		return nil, err
	}
	labels, err := r.options.Cluster.NamespaceLabels(ctx, q.Namespace)
	if err != nil {
		return nil, fmt.Errorf("reading the labels of namespace %q: %w", q.Namespace, err)
	}
	answer := &Answer{Name: subject.object.Metadata.Name, Strict: subject.strict}
	if why := r.options.Scope.Excluded(q.Namespace, labels); why != "" {
		answer.Status = notShown(q.Namespace, why)
		return answer, nil
	}
	s := &sitting{
		images: r.options.Images, caller: q.Caller, snapshot: snapshot, namespace: q.Namespace, labels: labels,
		known: map[string]ImageAnswer{}, notes: notes,
	}
	answer.Status, err = s.review(ctx, subject)
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// notShown is the answer about an object that admission lets pass unseen.
func notShown(namespace, why string) placementv1alpha1.PlacementReviewStatus {
	return placementv1alpha1.PlacementReviewStatus{
		Allowed: true,
		Notes:   []string{fmt.Sprintf("nothing in namespace %s is shown to admission: %s", namespace, why)},
	}
}

// suppose is the snapshot with what the question supposes, whose second and third arguments say the same.
func (r *Reviewer) suppose(base *policy.Snapshot, assume *placementv1alpha1.Assumptions, a *policy.Assumption) (*policy.Snapshot, error) {
	if assume == nil {
		return base, nil
	}
	assumed, err := r.assumed.of(base, assume, a)
	if err != nil {
		return nil, &InvalidError{field.ErrorList{invalid(field.NewPath("spec", "assume"), err.Error())}}
	}
	return assumed, nil
}

// subject is what a question is about, read and checked.
type subject struct {
	raw        []byte
	object     *workload.Object
	assumption *policy.Assumption
	strict     field.ErrorList
}

func (r *Reviewer) subjectOf(q Question) (*subject, error) {
	path := field.NewPath("spec", "object")
	raw := q.Spec.Object.Raw
	kind, errs := typeOf(raw, path)
	if len(errs) > 0 {
		return nil, &InvalidError{errs}
	}
	s := &subject{raw: raw}
	if s.strict, errs = checkFields(r.kinds, kind, raw, path); len(errs) > 0 {
		return nil, &InvalidError{errs}
	}
	var err error
	if s.object, err = decode(kind, raw, q.Namespace, path); err != nil {
		return nil, err
	}
	if q.Spec.Assume != nil {
		if s.assumption, errs = assumption.Compile(q.Spec.Assume, field.NewPath("spec", "assume")); len(errs) > 0 {
			return nil, &InvalidError{errs}
		}
	}
	return s, nil
}
