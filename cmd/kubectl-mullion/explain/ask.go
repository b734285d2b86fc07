package explain

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
)

// concurrency is the number of questions that are asked at a time.
const concurrency = 8

// reviewer answers questions.
type reviewer interface {
	Create(ctx context.Context, question *placementv1alpha1.PlacementReview) (*placementv1alpha1.PlacementReview, error)
}

// answer is a question with its answer.
type answer struct {
	question
	*placementv1alpha1.PlacementReview
}

// ask asks all questions and returns the answers in the order of the questions, without those that were not
// answered. A question that the server cannot make sense of does not stop the others; anything else does.
func ask(ctx context.Context, server reviewer, questions []question, assume *placementv1alpha1.Assumptions) ([]answer, error) {
	answers := make([]answer, len(questions))
	misfits := make([]error, len(questions))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(concurrency)
	for i, q := range questions {
		group.Go(func() error {
			if ctx.Err() != nil {
				return cluster.ErrInterrupted
			}
			got, err := server.Create(ctx, &placementv1alpha1.PlacementReview{
				ObjectMeta: metav1.ObjectMeta{Namespace: q.namespace, Name: q.name},
				Spec:       placementv1alpha1.PlacementReviewSpec{Object: runtime.RawExtension{Raw: q.object}, Assume: assume},
			})
			switch {
			case err == nil:
				answers[i] = answer{q, got}
			case apierrors.IsInvalid(err) || apierrors.IsBadRequest(err):
				misfits[i] = &misfitError{&questions[i], err}
			default:
				return err
			}
			return nil
		})
	}
	stopped := group.Wait()
	var given []answer
	for i := range answers {
		if answers[i].PlacementReview != nil {
			given = append(given, answers[i])
		}
	}
	return given, errors.Join(errors.Join(misfits...), stopped)
}

// misfitError says that the server could make no sense of an object.
type misfitError struct {
	question *question
	err      error
}

func (e *misfitError) Error() string {
	where := e.question.String()
	if e.question.place != nil {
		where = e.question.place("") + ": " + where
	}
	return where + ": " + e.err.Error()
}

func (e *misfitError) Unwrap() error { return e.err }
