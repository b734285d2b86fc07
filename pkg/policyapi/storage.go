package policyapi

import (
	"context"
	"errors"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	apirequest "k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/apiserver/pkg/registry/rest"
	"k8s.io/apiserver/pkg/warning"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

// resource is the name of the one resource, in the plural, and singular in the singular.
const (
	resource = "placementreviews"
	singular = "placementreview"
	kind     = "PlacementReview"
)

// Reviewer answers reviews; [review.Reviewer] does.
type Reviewer interface {
	Review(ctx context.Context, question review.Question) (*review.Answer, error)
}

// storage answers placement reviews as they are created, and stores none.
type storage struct {
	reviewer   Reviewer
	authorizer authorizer.UnconditionalAuthorizer
	observer   Observer
}

var (
	_ rest.Storage                  = (*storage)(nil)
	_ rest.Scoper                   = (*storage)(nil)
	_ rest.Creater                  = (*storage)(nil) //nolint:misspell // It is called that.
	_ rest.SingularNameProvider     = (*storage)(nil)
	_ rest.GroupVersionKindProvider = (*storage)(nil)
	_ rest.TableConvertor           = (*storage)(nil)
)

// New is an empty review for a request to be read into.
func (*storage) New() runtime.Object { return &placementv1alpha1.PlacementReview{} }

// Destroy does nothing: there is no store.
func (*storage) Destroy() {}

// NamespaceScoped tells that a review is about an object in its own namespace.
func (*storage) NamespaceScoped() bool { return true }

// GetSingularName is the name in the singular.
func (*storage) GetSingularName() string { return singular }

// Create answers one review. Nothing of what a client might find stored is set: a review has no uid and no time.
func (s *storage) Create(ctx context.Context, object runtime.Object, validate rest.ValidateObjectFunc, options *metav1.CreateOptions) (runtime.Object, error) {
	asked, ok := object.(*placementv1alpha1.PlacementReview)
	if !ok {
		return nil, apierrors.NewBadRequest("not a " + kind)
	}
	if validate != nil {
		if err := validate(ctx, object); err != nil {
			return nil, err
		}
	}
	start := time.Now()
	answered, err := s.review(ctx, asked, options.FieldValidation)
	if s.observer != nil {
		s.observer.ObserveReview(outcomeOf(answered, err), time.Since(start))
	}
	if err != nil {
		return nil, err
	}
	return answered, nil
}

func (s *storage) review(ctx context.Context, asked *placementv1alpha1.PlacementReview, fieldValidation string) (*placementv1alpha1.PlacementReview, error) {
	who, known := apirequest.UserFrom(ctx)
	if !known {
		return nil, apierrors.NewUnauthorized("nobody knows who asks")
	}
	namespace := apirequest.NamespaceValue(ctx)
	answer, err := s.reviewer.Review(ctx, review.Question{
		Namespace: namespace, Spec: &asked.Spec, Caller: &caller{user: who, authorizer: s.authorizer},
	})
	if err != nil {
		return nil, statusError(asked.Name, namespace, err)
	}
	if err := tell(ctx, asked.Name, fieldValidation, answer.Strict); err != nil {
		return nil, err
	}
	answered := &placementv1alpha1.PlacementReview{
		ObjectMeta: metav1.ObjectMeta{
			Name: asked.Name, Namespace: namespace, Labels: asked.Labels, Annotations: asked.Annotations,
		},
		Spec:   asked.Spec,
		Status: answer.Status,
	}
	if answered.Name == "" {
		answered.Name = answer.Name // What kubectl prints.
	}
	return answered, nil
}

// tell does with unknown fields of the object what the client wants done about those of the review itself.
func tell(ctx context.Context, name, fieldValidation string, faults field.ErrorList) error {
	switch {
	case len(faults) == 0 || fieldValidation == metav1.FieldValidationIgnore:
	case fieldValidation == metav1.FieldValidationStrict:
		return apierrors.NewInvalid(placementv1alpha1.SchemeGroupVersion.WithKind(kind).GroupKind(), name, faults)
	default:
		for _, fault := range faults {
			warning.AddWarning(ctx, "", fault.Error())
		}
	}
	return nil
}

// statusError is an error of a review as the API has it.
func statusError(name, namespace string, err error) error {
	var invalid *review.InvalidError
	switch {
	case errors.As(err, &invalid):
		return apierrors.NewInvalid(placementv1alpha1.SchemeGroupVersion.WithKind(kind).GroupKind(), name, invalid.Errors)
	case errors.Is(err, placement.ErrNotReady):
		return apierrors.NewServiceUnavailable(err.Error())
	case apierrors.IsNotFound(err):
		return apierrors.NewNotFound(metav1.SchemeGroupVersion.WithResource("namespaces").GroupResource(), namespace)
	default:
		return apierrors.NewInternalError(err)
	}
}
