package registry

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// maxRetryAfter bounds how long a registry can ask to be left alone.
const maxRetryAfter = 5 * time.Minute

// statusError is the sentence for an answer that is not 200 OK.
func (s *session) statusError(response *http.Response) *Error {
	said := fmt.Sprintf("registry %s answered %d %s for %s",
		s.image.Registry(), response.StatusCode, http.StatusText(response.StatusCode), s.image.Short())
	switch code := response.StatusCode; {
	case code == http.StatusUnauthorized || code == http.StatusForbidden:
		return &Error{Reason: policy.ImageUnauthorized, Message: said + ": " + s.credentialAdvice()}
	case code == http.StatusNotFound || code == http.StatusGone:
		return &Error{Reason: policy.ImageNotFound, Message: said + ": it has no such image, or hides it from these credentials"}
	case code == http.StatusTooManyRequests:
		e := outage(said + ": too many requests were made to it")
		e.RetryAfter = retryAfter(response)
		return e
	case code >= http.StatusInternalServerError:
		e := outage(said)
		e.RetryAfter = retryAfter(response)
		return e
	default:
		return &Error{Reason: policy.ImageMalformed, Message: said}
	}
}

func (s *session) credentialAdvice() string {
	switch s.matching {
	case 0:
		return fmt.Sprintf("no pull secret matches it; name one for %s in imagePullSecrets", s.image.Registry())
	case 1:
		return "the credentials of the pull secret that matches it are not accepted"
	default:
		return fmt.Sprintf("none of the %d credentials in matching pull secrets is accepted", s.matching)
	}
}

// retryAfter reads the header of that name, in seconds or as a date, RFC 9110 section 10.2.3. A date is
// compared with the answer's own, so that the two clocks need not agree.
func retryAfter(response *http.Response) time.Duration {
	value := response.Header.Get("Retry-After")
	var wait time.Duration
	if seconds, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if until, err := http.ParseTime(value); err == nil {
		if sent, err := http.ParseTime(response.Header.Get("Date")); err == nil {
			wait = until.Sub(sent)
		}
	}
	return max(0, min(wait, maxRetryAfter))
}
