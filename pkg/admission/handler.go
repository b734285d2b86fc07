package admission

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	admissionv1 "k8s.io/api/admission/v1"
)

// Defaults of [Options].
const (
	// DefaultMaxBodyBytes has room for two objects of 3 MiB, which is the largest that the API server takes
	// from a client (k8s.io/apiserver/pkg/server/config.go, MaxRequestBodyBytes), and for the rest of a review.
	DefaultMaxBodyBytes = 7 << 20
	// DefaultTimeout is how long the API server waits if the webhook configuration does not say.
	DefaultTimeout = 10 * time.Second
	// DefaultMargin is enough for an answer to reach the API server from another node.
	DefaultMargin = 500 * time.Millisecond
)

// Options tell how a [Handler] serves. The zero value of each field stands for its default.
type Options struct {
	// MaxBodyBytes is the largest review that is read.
	MaxBodyBytes int64
	// Timeout bounds a review for which the API server gives no timeout, or a longer one. It includes
	// the reading of the request.
	Timeout time.Duration
	// Margin is how long before the API server stops waiting the Reviewer's context ends, so that it is
	// still heard. It is never more than half of the time there is.
	Margin time.Duration
	// MaxInFlight is how many reviews are held in memory at once; further ones are turned away. Zero is no limit.
	MaxInFlight int
	// Logger gets one line for each request that could not be evaluated.
	Logger logr.Logger
	// Observer is told of each request.
	Observer Observer
}

// Observer is told how each request ended. It is called by many goroutines at once.
type Observer interface {
	// ObserveReview is called once per request, after the answer was written. The operation is empty if the
	// request was turned away before it was known.
	ObserveReview(operation admissionv1.Operation, verdict Verdict, elapsed time.Duration)
}

// Handler serves a [Reviewer] to API servers. It starts no goroutines, and serves any number at once.
//
// The [http.Server] around it should have a ReadHeaderTimeout; bodies are read under the handler's own deadline.
type Handler struct {
	reviewer Reviewer
	options  Options
	bodies   bodyPool
	slots    chan struct{}
}

// NewHandler makes a handler that asks the reviewer.
func NewHandler(reviewer Reviewer, options Options) *Handler {
	options.MaxBodyBytes = cmp.Or(options.MaxBodyBytes, DefaultMaxBodyBytes)
	options.Timeout = cmp.Or(options.Timeout, DefaultTimeout)
	options.Margin = cmp.Or(options.Margin, DefaultMargin)
	if options.Observer == nil {
		options.Observer = nobody{}
	}
	handler := &Handler{reviewer: reviewer, options: options}
	if options.MaxInFlight > 0 {
		handler.slots = make(chan struct{}, options.MaxInFlight)
	}
	return handler
}

// ServeHTTP answers one AdmissionReview.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	growStack(0)
	operation, verdict := h.serve(w, r, start)
	h.options.Observer.ObserveReview(operation, verdict, time.Since(start))
}

func (h *Handler) serve(w http.ResponseWriter, r *http.Request, start time.Time) (admissionv1.Operation, Verdict) {
	if failure := checkHeader(r); failure != nil {
		return "", h.fail(w, r, nil, failure)
	}
	if !h.acquire() {
		return "", h.fail(w, r, nil, overloaded())
	}
	defer h.release()

	deadline := start.Add(budget(r.URL, h.options.Timeout, h.options.Margin))
	body := h.bodies.get()
	defer h.bodies.put(body)
	if failure := readBody(w, r, body, h.options.MaxBodyBytes, deadline); failure != nil {
		return "", h.fail(w, r, nil, failure)
	}
	request, err := decodeReview(body.Bytes())
	if err != nil {
		return "", h.fail(w, r, nil, malformed(err))
	}

	ctx, cancel := context.WithDeadline(r.Context(), deadline)
	defer cancel()
	response, err := review(ctx, h.reviewer, request)
	if err != nil {
		return request.Operation, h.fail(w, r, request, unevaluated(r.Context(), err))
	}
	answer, err := encodeReview(request.UID, &response)
	if err != nil {
		return request.Operation, h.fail(w, r, request, unevaluated(r.Context(), err))
	}
	write(w, http.StatusOK, answer)
	return request.Operation, response.verdict()
}

// fail answers that there is no verdict, and writes one line of log that says why.
func (h *Handler) fail(w http.ResponseWriter, r *http.Request, request *Request, failure *failure) Verdict {
	log := h.options.Logger.WithValues("path", r.URL.Path, "code", failure.code)
	if request != nil {
		log = log.WithValues("uid", request.UID, "operation", request.Operation, "kind", request.Kind.Kind,
			"namespace", request.Namespace, "name", request.Name)
	}
	switch failure.verdict {
	case VerdictPanicked:
		log.Error(failure.cause, "reviewer panicked", "stack", stackOf(failure.cause))
	case VerdictFailed:
		log.Error(failure.cause, "could not evaluate a review")
	case VerdictCanceled:
		log.V(1).Info("the API server stopped waiting for a review")
	default:
		log.Info("turned a request away", "why", failure.message)
	}
	write(w, int(failure.code), failure.status())
	return failure.verdict
}

func (h *Handler) acquire() bool {
	if h.slots == nil {
		return true
	}
	select {
	case h.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

func (h *Handler) release() {
	if h.slots != nil {
		<-h.slots
	}
}

func write(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // an API server that has gone away needs no answer
}

type nobody struct{}

func (nobody) ObserveReview(admissionv1.Operation, Verdict, time.Duration) {}
