package registry

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Error says why a look-up gave no facts. Its text is one sentence for a person: it is made only of the
// reference, of host names, of status codes and of words of this package. It never holds credentials, a URL,
// or text that the registry sent.
type Error struct {
	Reason  policy.ImageProblemReason
	Message string
	// Outage tells that the registry itself is in trouble, rather than the image or the question.
	Outage bool
	// RetryAfter is how long the registry asks to be left alone, or 0.
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Message }

// refusal is a reason to stop that this package found itself, before it is put into a sentence.
type refusal struct {
	reason policy.ImageProblemReason
	words  string
}

func (r *refusal) Error() string { return r.words }

// malformed is what to say of an answer that makes no sense.
func malformed(format string, args ...any) error {
	return &refusal{reason: policy.ImageMalformed, words: fmt.Sprintf(format, args...)}
}

// asError turns whatever went wrong into a sentence about the image.
func asError(ctx context.Context, image reference.Reference, err error) *Error {
	var (
		answered *Error
		refused  *refusal
		address  *forbiddenAddressError
		plain    *plainHTTPError
	)
	about := fmt.Sprintf("registry %s, asked for %s", image.Registry(), image.Short())
	switch {
	case errors.As(err, &answered):
		return answered
	case errors.As(err, &refused):
		return &Error{Reason: refused.reason, Message: about + ": " + refused.words}
	case errors.As(err, &address):
		return &Error{Reason: policy.ImageForbidden, Message: fmt.Sprintf(
			"%s, leads to %s, a link-local, metadata or multicast address, which is never contacted", about, address.host)}
	case errors.As(err, &plain):
		return &Error{Reason: policy.ImageForbidden, Message: fmt.Sprintf(
			"%s, leads to plain HTTP at %s, which is not listed as an insecure registry", about, plain.host)}
	case ctx.Err() != nil:
		return outage(about + ", did not answer in time")
	default:
		return outage(about + ", could not be reached: " + reachability(err))
	}
}

func outage(message string) *Error {
	return &Error{Reason: policy.ImageUnreachable, Message: message, Outage: true}
}

// reachability puts the commonest failures of a connection into words. Only types whose text is known to be
// harmless are quoted.
func reachability(err error) string {
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		authority   x509.UnknownAuthorityError
		network     *net.OpError
	)
	switch {
	case errors.Is(err, http.ErrSchemeMismatch):
		return "it speaks plain HTTP; list it as an insecure registry if that is meant"
	case errors.As(err, &dns) && dns.IsNotFound:
		return "there is no such host"
	case errors.As(err, &dns):
		return "its name could not be resolved"
	case errors.As(err, &authority):
		return "its certificate is signed by an authority that is not trusted here"
	case errors.As(err, &certificate):
		return "its certificate is not valid: " + certificate.Err.Error()
	case errors.As(err, &network) && network.Timeout():
		return "the connection timed out"
	case errors.As(err, &network) && network.Err != nil && network.Op == "dial":
		return "no connection: " + network.Err.Error()
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "it closed the connection before the answer was complete"
	default:
		return "the connection broke"
	}
}
