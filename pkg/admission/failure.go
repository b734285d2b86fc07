package admission

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// failure is why a request got no verdict.
type failure struct {
	code    int32
	reason  metav1.StatusReason
	verdict Verdict
	message string
	// cause is set if there is more to log than the message says.
	cause error
}

// status is the body of the answer. The API server shows its message.
func (f *failure) status() []byte {
	body, err := json.Marshal(metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure,
		Message:  f.message,
		Reason:   f.reason,
		Code:     f.code,
	})
	if err != nil {
		return nil // the code alone says that there is no verdict
	}
	return body
}

// badRequest is a failure of the one who asks.
func badRequest(code int32, reason metav1.StatusReason, format string, args ...any) *failure {
	return &failure{code: code, reason: reason, verdict: VerdictBadRequest, message: fmt.Sprintf(format, args...)}
}

func malformed(err error) *failure {
	return badRequest(http.StatusBadRequest, metav1.StatusReasonBadRequest, "%v", err)
}

func overloaded() *failure {
	return &failure{
		code:    http.StatusTooManyRequests,
		reason:  metav1.StatusReasonTooManyRequests,
		verdict: VerdictOverloaded,
		message: "too many reviews at once",
	}
}

// unevaluated is the failure of a reviewer that returned err. The API server's own context tells whether it still waits.
func unevaluated(apiServer context.Context, err error) *failure {
	if bad := (*BadRequestError)(nil); errors.As(err, &bad) {
		return malformed(err)
	}
	f := &failure{
		code:    http.StatusInternalServerError,
		reason:  metav1.StatusReasonInternalError,
		verdict: VerdictFailed,
		message: fmt.Sprintf("could not evaluate the request: %v", err),
		cause:   err,
	}
	switch panicked := (*panicError)(nil); {
	case errors.As(err, &panicked):
		f.verdict = VerdictPanicked
		f.message = "could not evaluate the request: internal error, see the webhook's log"
	case apiServer.Err() != nil:
		f.verdict = VerdictCanceled
	case errors.Is(err, context.DeadlineExceeded):
		f.code, f.reason = http.StatusGatewayTimeout, metav1.StatusReasonTimeout
	}
	return f
}
