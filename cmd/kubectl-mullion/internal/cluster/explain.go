package cluster

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// ErrInterrupted is what is left of an error after the user has interrupted the program.
var ErrInterrupted = errors.New("interrupted")

// Explain says of an error that came back from the cluster what it means and what to do about it.
func (c *Cluster) Explain(attempt Attempt, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.Canceled):
		return ErrInterrupted
	case isStatus(err):
		return c.explainStatus(attempt, err)
	}
	return c.explainConnection(attempt, err)
}

func isStatus(err error) bool {
	var status apierrors.APIStatus
	return errors.As(err, &status)
}

// explainStatus explains an answer of the API server.
func (c *Cluster) explainStatus(attempt Attempt, err error) error {
	switch {
	case apierrors.IsForbidden(err):
		return &ForbiddenError{Attempt: attempt, Err: err}
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("%s does not accept your credentials; kubectl auth whoami tells whether it knows you: %w", c, err)
	case attempt.Resource.Group == placementv1alpha1.GroupName && isUnserved(err):
		return fmt.Errorf("%s has no policy server that answers: is Mullion installed, and its API available? "+
			"This tells more:\n  kubectl get apiservice %s\n%w", c, apiService, err)
	case apierrors.IsTooManyRequests(err):
		return fmt.Errorf("%s has too much to do, and still had after several attempts; try again later: %w", c, err)
	case apierrors.IsTimeout(err), apierrors.IsServerTimeout(err):
		return fmt.Errorf("%s ran out of time: %w", c, err)
	}
	return fmt.Errorf("cannot %s: %w", attempt, err)
}

// apiService is the object by which API servers know the policy server.
const apiService = "v1alpha1." + placementv1alpha1.GroupName

// isUnserved tells that no server stands behind a resource. An API server that does not know the group answers with
// something that is no Status, as does one that cannot reach the server behind the APIService.
func isUnserved(err error) bool {
	if apierrors.IsServiceUnavailable(err) {
		return true
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return false
	}
	return apierrors.IsNotFound(err) && slices.ContainsFunc(status.Status().Details.Causes, func(cause metav1.StatusCause) bool {
		return cause.Type == metav1.CauseTypeUnexpectedServerResponse
	})
}

// explainConnection explains that no answer came.
func (c *Cluster) explainConnection(attempt Attempt, err error) error {
	var timeout net.Error
	var dns *net.DNSError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Errorf("%s refuses connections: nothing listens there; --context and --kubeconfig choose another cluster: %w", c, err)
	case errors.As(err, &dns):
		return fmt.Errorf("%s has no address; --context and --kubeconfig choose another cluster: %w", c, err)
	case errors.As(err, &authority):
		return fmt.Errorf("%s shows a certificate of an authority that the kubeconfig does not name: %w", c, err)
	case errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return fmt.Errorf("%s did not answer within %s; --request-timeout gives it more time: %w", c, c.timeout, err)
	}
	return fmt.Errorf("cannot %s: %w", attempt, err)
}
