package admission

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/pkg/workload"
)

func TestAVerdictIsAnsweredAsAReview(t *testing.T) {
	tests := map[string]struct {
		response Response
		want     admissionv1.AdmissionResponse
		observed string
	}{
		"allowed": {
			Allow(),
			admissionv1.AdmissionResponse{Allowed: true},
			"CREATE allowed",
		},
		"allowed with a warning and an audit annotation": {
			Response{Allowed: true, Warnings: []string{"one\nline"}, AuditAnnotations: map[string]string{"decision": "placed"}},
			admissionv1.AdmissionResponse{Allowed: true, Warnings: []string{"one line"}, AuditAnnotations: map[string]string{"decision": "placed"}},
			"CREATE allowed",
		},
		"patched": {
			Response{Allowed: true, Patch: []Operation{Add("windows", "spec", "nodeSelector", "kubernetes.io/os"), Remove("spec", "nodeName")}},
			admissionv1.AdmissionResponse{
				Allowed:   true,
				PatchType: ptr.To(admissionv1.PatchTypeJSONPatch),
				Patch:     []byte(`[{"op":"add","path":"/spec/nodeSelector/kubernetes.io~1os","value":"windows"},{"op":"remove","path":"/spec/nodeName"}]`),
			},
			"CREATE patched",
		},
		"denied as forbidden unless it says otherwise, without a patch": {
			Response{Message: "no build fits", Patch: []Operation{Remove("spec")}},
			admissionv1.AdmissionResponse{Result: &metav1.Status{
				Status: "Failure", Message: "no build fits", Reason: metav1.StatusReasonForbidden, Code: 403,
			}},
			"CREATE denied",
		},
		"denied with reason, code and causes": {
			Response{Message: "no", Reason: metav1.StatusReasonInvalid, Code: 422, Causes: []metav1.StatusCause{{Field: "spec.os"}}},
			admissionv1.AdmissionResponse{Result: &metav1.Status{
				Status: "Failure", Message: "no", Reason: metav1.StatusReasonInvalid, Code: 422,
				Details: &metav1.StatusDetails{Causes: []metav1.StatusCause{{Field: "spec.os"}}},
			}},
			"CREATE denied",
		},
		"denied with a code that means success is denied all the same": {
			Response{Message: "no", Code: 200},
			admissionv1.AdmissionResponse{Result: &metav1.Status{
				Status: "Failure", Message: "no", Reason: metav1.StatusReasonForbidden, Code: 403,
			}},
			"CREATE denied",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			observer := &observed{}
			got := verdictIn(t, post(NewHandler(answering(test.response, nil), Options{Observer: observer}), captured(t)))

			test.want.UID = "21ecc8f2-e484-4ff3-8a13-df2d400cb226"
			if diff := cmp.Diff(&test.want, got); diff != "" {
				t.Errorf("want (-), got (+):\n%s", diff)
			}
			if observer.String() != test.observed {
				t.Errorf("want %q observed, got %q", test.observed, observer)
			}
		})
	}
}

func TestARequestThatMakesNoSenseIsTurnedAwayBeforeTheReviewer(t *testing.T) {
	tests := map[string]struct {
		method, contentType string // POST and application/json unless given
		body                string
		code                int
		says                string
	}{
		"GET":                            {method: http.MethodGet, code: 405, says: `this endpoint takes POST, not "GET"`},
		"YAML":                           {contentType: "application/yaml", code: 415, says: `reads application/json, not "application/yaml"`},
		"an unparsable content type":     {contentType: "application/json; =", code: 415, says: "reads application/json"},
		"no body":                        {code: 400, says: "unexpected EOF"},
		"no JSON":                        {body: "hello", code: 400, says: "invalid character 'h'"},
		"half a review":                  {body: `{"apiVersion":"admission.k8s.io/v1","kind":"Admiss`, code: 400, says: "unexpected EOF"},
		"text after the review":          {body: reviewOf(`{}`) + "x", code: 400, says: "invalid character 'x'"},
		"an empty object":                {body: `{}`, code: 400, says: `reviews admission.k8s.io/v1 AdmissionReview, not "" ""`},
		"a list":                         {body: `[]`, code: 400, says: "cannot unmarshal"},
		"null":                           {body: `null`, code: 400, says: `reviews admission.k8s.io/v1 AdmissionReview, not "" ""`},
		"another kind":                   {body: `{"apiVersion":"v1","kind":"Pod"}`, code: 400, says: `not "v1" "Pod"`},
		"a version of the past":          {body: `{"apiVersion":"admission.k8s.io/v1beta1","kind":"AdmissionReview","request":{}}`, code: 400, says: `not "admission.k8s.io/v1beta1"`},
		"no request":                     {body: `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview"}`, code: 400, says: "has no request"},
		"a response":                     {body: `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","response":{"uid":"u1","allowed":true}}`, code: 400, says: "has no request"},
		"an empty request":               {body: `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{}}`, code: 400, says: "has no uid"},
		"an operation that is unknown":   {body: strings.Replace(reviewOf(`{}`), "CREATE", "PATCH", 1), code: 400, says: `unknown operation "PATCH"`},
		"a creation of nothing":          {body: reviewOf(`null`), code: 400, says: "request to CREATE has no object"},
		"an object that is broken":       {body: reviewOf(`{"spec":[}`), code: 400, says: "invalid character '}'"},
		"an object that is nested deep":  {body: reviewOf(strings.Repeat(`[`, 1<<20)), code: 400, says: "exceeded max depth"},
		"a field of the wrong type":      {body: strings.Replace(reviewOf(`{}`), `"uid":"u1"`, `"uid":[]`, 1), code: 400, says: `"/request/uid"`},
		"a review larger than the limit": {body: reviewOf(`{"x":"` + strings.Repeat("x", DefaultMaxBodyBytes) + `"}`), code: 413, says: "larger than the limit of 7340032 bytes"},
	}
	for name, test := range tests {
		for _, length := range []string{"announced", "unknown"} {
			t.Run(name+", its length "+length, func(t *testing.T) {
				observer := &observed{}
				reviewer := reviewerFunc(func(context.Context, *Request) (Response, error) {
					t.Error("the reviewer was asked")
					return Allow(), nil
				})
				request := httptest.NewRequest(http.MethodPost, "/mutate", strings.NewReader(test.body))
				if length == "unknown" {
					request.ContentLength = -1
				}
				request.Header.Set("Content-Type", "application/json; charset=utf-8")
				if test.method != "" {
					request.Method = test.method
				}
				if test.contentType != "" {
					request.Header.Set("Content-Type", test.contentType)
				}
				answer := httptest.NewRecorder()
				NewHandler(reviewer, Options{Observer: observer}).ServeHTTP(answer, request)

				status := failureIn(t, answer)
				if answer.Code != test.code {
					t.Errorf("want HTTP %d, got %d", test.code, answer.Code)
				}
				if !strings.Contains(status.Message, test.says) {
					t.Errorf("want a message that says %q, got %q", test.says, status.Message)
				}
				if observer.String() != "bad_request" {
					t.Errorf("want bad_request observed, got %q", observer)
				}
			})
		}
	}
}

func TestAReviewersFailureIsAFailedCallAndNeverAVerdict(t *testing.T) {
	tests := map[string]struct {
		reviewer Reviewer
		code     int
		says     string
		observed string
		logs     string
	}{
		"an error": {
			answering(Allow(), errors.New("reading policies: not synced")),
			500, "could not evaluate the request: reading policies: not synced", "CREATE failed",
			`"could not evaluate a review"`,
		},
		"a deadline": {
			answering(Allow(), fmt.Errorf("asking the registry: %w", context.DeadlineExceeded)),
			504, "asking the registry: context deadline exceeded", "CREATE failed",
			`"could not evaluate a review"`,
		},
		"an object that makes no sense": {
			reviewerFunc(func(_ context.Context, request *Request) (Response, error) {
				_, err := request.Workload()
				if err != nil {
					return Response{}, fmt.Errorf("reviewing: %w", err)
				}
				request.Kind.Kind = "Service"
				_, err = request.Workload()
				return Response{}, fmt.Errorf("reviewing: %w", err)
			}),
			400, "reviewing: object: objects of kind Service make no pods", "CREATE bad_request",
			`"turned a request away"`,
		},
		"a panic, whose text stays in the log": {
			reviewerFunc(func(context.Context, *Request) (Response, error) { panic("secret") }),
			500, "internal error, see the webhook's log", "CREATE panicked",
			`"reviewer panicked" "error"="panic: secret"`,
		},
		"a patch that cannot be written": {
			answering(Response{Allowed: true, Patch: []Operation{Add(make(chan int), "spec")}}, nil),
			500, "encoding the patch: json: unsupported type", "CREATE failed",
			`"could not evaluate a review"`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var lines []string
			logger := funcr.New(func(_, line string) { lines = append(lines, line) }, funcr.Options{})
			observer := &observed{}
			answer := post(NewHandler(test.reviewer, Options{Logger: logger, Observer: observer}), captured(t))

			status := failureIn(t, answer)
			if answer.Code != test.code || !strings.Contains(status.Message, test.says) {
				t.Errorf("want HTTP %d that says %q, got %d: %s", test.code, test.says, answer.Code, status.Message)
			}
			if strings.Contains(answer.Body.String(), "secret") {
				t.Errorf("the panic's text is in the answer: %s", answer.Body)
			}
			if observer.String() != test.observed {
				t.Errorf("want %q observed, got %q", test.observed, observer)
			}
			if len(lines) != 1 || !strings.Contains(lines[0], test.logs) || !strings.Contains(lines[0], `"uid"="21ecc8f2-`) {
				t.Errorf("want one line of log with %s and the request's uid, got %q", test.logs, lines)
			}
			if after := answer.Header().Get("Retry-After"); after != "" {
				t.Errorf("the API server is told to ask again: Retry-After %s", after)
			}
		})
	}
}

func TestAPanicIsLoggedWithWhereItHappened(t *testing.T) {
	var log bytes.Buffer
	logger := funcr.New(func(_, line string) { log.WriteString(line) }, funcr.Options{})
	post(NewHandler(reviewerFunc(panicking), Options{Logger: logger}), captured(t))
	if !strings.Contains(log.String(), "admission.panicking(") {
		t.Errorf("no stack in %s", &log)
	}
}

func panicking(context.Context, *Request) (Response, error) { panic("here") }

func TestHugePodsAreReviewedWhole(t *testing.T) {
	var managed strings.Builder
	for i := range (3 << 20) / len(`"f:000000":{},`) {
		fmt.Fprintf(&managed, `"f:%06d":{},`, i)
	}
	tests := map[string]struct {
		object     string
		containers int
	}{
		"a thousand containers": {
			`{"spec":{"containers":[` + strings.Repeat(`{"name":"c","image":"registry.example:5000/a/b@sha256:0"},`, 999) + `{"name":"last"}]}}`, 1000,
		},
		"three mebibytes of annotations": {
			`{"metadata":{"annotations":{"x":"` + strings.Repeat("x", 3<<20) + `"}},"spec":{"containers":[{"name":"only"}]}}`, 1,
		},
		"three mebibytes of managed fields": {
			`{"metadata":{"managedFields":[{"fieldsV1":{` + managed.String() + `"f:y":{}}}]},"spec":{"containers":[{"name":"only"}]}}`, 1,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			containers := 0
			handler := NewHandler(reviewerFunc(func(_ context.Context, request *Request) (Response, error) {
				pod, err := request.Pod()
				if err != nil {
					return Response{}, err
				}
				containers = len(pod.Spec.Containers)
				return Allow(), nil
			}), Options{})
			if verdictIn(t, post(handler, []byte(reviewOf(test.object)))); containers != test.containers {
				t.Errorf("want %d containers, got %d", test.containers, containers)
			}
		})
	}
}

// Buffers are reused. What a reviewer took from one request must not change with the next.
func TestRequestsServedAtOnceDoNotSeeEachOther(t *testing.T) {
	var mu sync.Mutex
	kept := map[string]*workload.Pod{}
	handler := NewHandler(reviewerFunc(func(_ context.Context, request *Request) (Response, error) {
		pod, err := request.Pod()
		if err != nil {
			return Response{}, err
		}
		mu.Lock()
		defer mu.Unlock()
		kept[pod.Spec.NodeName] = pod
		return Response{Allowed: true, Warnings: []string{pod.Spec.NodeName}}, nil
	}), Options{})

	var clients sync.WaitGroup
	for client := range 8 {
		clients.Go(func() {
			for i := range 50 {
				name := fmt.Sprintf("node-%d-%d", client, i)
				object := fmt.Sprintf(`{"metadata":{"labels":{"of":%q}},"spec":{"nodeName":%q}}`, name, name)
				answer := post(handler, []byte(reviewOf(object)))
				if !strings.Contains(answer.Body.String(), `"warnings":["`+name+`"]`) {
					t.Errorf("asked about %s, got %s", name, answer.Body)
				}
			}
		})
	}
	clients.Wait()
	for name, pod := range kept {
		if pod.Spec.NodeName != name || pod.Metadata.Labels["of"] != name {
			t.Errorf("what was kept of %s has become %+v", name, pod)
		}
	}
}

func TestRequestsBeyondTheLimitAreTurnedAwayAtOnce(t *testing.T) {
	reviewing, finish := make(chan struct{}), make(chan struct{})
	observer := &observed{}
	handler := NewHandler(reviewerFunc(func(context.Context, *Request) (Response, error) {
		reviewing <- struct{}{}
		<-finish
		return Allow(), nil
	}), Options{MaxInFlight: 1, Observer: observer, Logger: logr.Discard()})

	first := make(chan *httptest.ResponseRecorder, 1)
	body := captured(t)
	go func() { first <- post(handler, body) }()
	<-reviewing
	if status := failureIn(t, post(handler, body)); status.Code != http.StatusTooManyRequests {
		t.Errorf("while one is reviewed, want HTTP 429, got %d", status.Code)
	}
	close(finish)
	verdictIn(t, <-first)

	go func() { <-reviewing }()
	verdictIn(t, post(handler, body))
	if got, want := observer.String(), "overloaded, CREATE allowed, CREATE allowed"; got != want {
		t.Errorf("want %q observed, got %q", want, got)
	}
}
