package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// reviewerFunc is a Reviewer made of a function.
type reviewerFunc func(context.Context, *Request) (Response, error)

func (f reviewerFunc) Review(ctx context.Context, request *Request) (Response, error) {
	return f(ctx, request)
}

// answering is a reviewer that always says the same.
func answering(response Response, err error) Reviewer {
	return reviewerFunc(func(context.Context, *Request) (Response, error) { return response, err })
}

// observed remembers how requests ended.
type observed struct {
	mu   sync.Mutex
	seen []string
}

func (o *observed) ObserveReview(operation admissionv1.Operation, verdict Verdict, _ time.Duration) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.seen = append(o.seen, strings.TrimSpace(string(operation)+" "+string(verdict)))
}

func (o *observed) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.seen, ", ")
}

// captured is the review of a pod's creation, as an API server sent it.
func captured(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../../bench/testdata/admissionreview-pod-create.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// reviewOf is an otherwise ordinary review of the creation of a pod with the given JSON.
func reviewOf(object string) string {
	return `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1",` +
		`"kind":{"group":"","version":"v1","kind":"Pod"},"resource":{"group":"","version":"v1","resource":"pods"},` +
		`"namespace":"shop","operation":"CREATE","userInfo":{},"object":` + object + `}}`
}

// post sends a review to the handler, and returns what it answers.
func post(handler http.Handler, body []byte) *httptest.ResponseRecorder {
	request := httptest.NewRequest(http.MethodPost, "/mutate?timeout=10s", bytes.NewReader(body))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	handler.ServeHTTP(recorder, request)
	return recorder
}

// verdictIn reads the AdmissionReview in an answer.
func verdictIn(t *testing.T, answer *httptest.ResponseRecorder) *admissionv1.AdmissionResponse {
	t.Helper()
	if answer.Code != http.StatusOK {
		t.Fatalf("want HTTP 200, got %d: %s", answer.Code, answer.Body)
	}
	var review admissionv1.AdmissionReview
	if err := json.Unmarshal(answer.Body.Bytes(), &review); err != nil {
		t.Fatal(err)
	}
	if review.APIVersion != "admission.k8s.io/v1" || review.Kind != "AdmissionReview" || review.Response == nil {
		t.Fatalf("not an answered AdmissionReview: %s", answer.Body)
	}
	return review.Response
}

// failureIn reads the Status in an answer that is no verdict.
func failureIn(t *testing.T, answer *httptest.ResponseRecorder) metav1.Status {
	t.Helper()
	var status metav1.Status
	if err := json.Unmarshal(answer.Body.Bytes(), &status); err != nil {
		t.Fatalf("reading %q: %v", answer.Body, err)
	}
	if status.Kind != "Status" || status.APIVersion != "v1" || status.Status != metav1.StatusFailure || int(status.Code) != answer.Code {
		t.Fatalf("HTTP %d with a body that is no matching Status: %s", answer.Code, answer.Body)
	}
	return status
}
