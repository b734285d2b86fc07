package drain

import (
	"context"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// outcome is what an eviction that was asked for has come to, as it is counted.
type outcome string

const (
	outcomeAccepted outcome = "Accepted"
	// outcomeGone: the pod was gone.
	outcomeGone outcome = "Gone"
	// outcomePostponed: the next step has to look again. The pod was not asked, goes by itself, or has changed.
	outcomePostponed outcome = "Postponed"
	// The others are blockers' reasons.
)

// outcomeOf tells what an eviction has come to and, where the pod stays, why. Budgets are asked for only where one is at
// fault.
func (a *attempt) outcomeOf(ctx context.Context, budgets *budgets) (outcome, *Blocker) {
	switch {
	case a.err == nil:
		return outcomeAccepted, nil
	case apierrors.IsNotFound(a.err):
		return outcomeGone, nil
	case ctx.Err() != nil, apierrors.IsConflict(a.err):
		return outcomePostponed, nil
	case apierrors.HasStatusCause(a.err, corev1.NamespaceTerminatingCause):
		// Who empties the namespace deletes the pod.
		return outcomePostponed, nil
	}
	blocker := a.blocker(ctx, budgets)
	return outcome(blocker.Reason), &blocker
}

// blocker says why a pod that exists was not evicted.
func (a *attempt) blocker(ctx context.Context, budgets *budgets) Blocker {
	if errors.Is(a.err, context.DeadlineExceeded) {
		return blocked(a.pod, ReasonRefused, fmt.Sprintf("the API server has not answered within %s whether it may go", evictionTimeout))
	}
	budget := apierrors.HasStatusCause(a.err, policyv1.DisruptionBudgetCause)
	if budget || apierrors.IsInternalError(a.err) {
		if reason, message := budgets.explain(ctx, a.pod); reason != "" {
			return blocked(a.pod, reason, message)
		}
	}
	if budget {
		return blocked(a.pod, ReasonBudget, messageOf(a.err))
	}
	if status := apierrors.APIStatus(nil); !errors.As(a.err, &status) {
		return blocked(a.pod, ReasonRefused, "the API server could not be asked whether it may go: "+a.err.Error())
	}
	return blocked(a.pod, ReasonRefused, "its eviction is refused: "+messageOf(a.err))
}

// messageOf is the most telling of what the API server says.
func messageOf(err error) string {
	if status := apierrors.APIStatus(nil); errors.As(err, &status) {
		if details := status.Status().Details; details != nil {
			for _, cause := range details.Causes {
				if cause.Type == policyv1.DisruptionBudgetCause {
					return cause.Message
				}
			}
		}
	}
	return err.Error()
}

// retryAfter is how long the API server wants to be left alone.
func retryAfter(err error) time.Duration {
	seconds, _ := apierrors.SuggestsClientDelay(err)
	return time.Duration(seconds) * time.Second
}
