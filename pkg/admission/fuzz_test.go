package admission

import (
	"context"
	"net/http"
	"slices"
	"testing"
)

// FuzzHandler sends anything at all to a handler whose reviewer reads everything there is to read.
func FuzzHandler(f *testing.F) {
	f.Add(captured(f))
	f.Add([]byte(reviewOf(`{"metadata":{"name":"web"},"spec":{"os":{"name":"windows"},"containers":[{"image":"a:b@sha256:c"}]}}`)))
	f.Add([]byte(reviewOf(`{}`)))
	f.Add([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"DELETE","oldObject":{"spec":null}}}`))
	f.Add([]byte(`null`))

	handler := NewHandler(reviewerFunc(func(_ context.Context, request *Request) (Response, error) {
		for _, read := range []func() error{
			func() error { _, err := request.Pod(); return err },
			func() error { _, err := request.Workload(); return err },
		} {
			if err := read(); err != nil {
				return Response{}, err
			}
		}
		if request.OldObject != nil {
			if _, err := request.OldPod(); err != nil {
				return Response{}, err
			}
		}
		return Response{Allowed: true, Warnings: []string{request.Name}, Patch: []Operation{Add(request.Namespace, request.Name)}}, nil
	}), Options{MaxBodyBytes: 1 << 20})

	defined := []int{http.StatusOK, http.StatusBadRequest, http.StatusRequestEntityTooLarge}
	f.Fuzz(func(t *testing.T, body []byte) {
		answer := post(handler, body)
		if !slices.Contains(defined, answer.Code) {
			t.Fatalf("HTTP %d: %s", answer.Code, answer.Body)
		}
		if answer.Code == http.StatusOK {
			verdictIn(t, answer)
		} else {
			failureIn(t, answer)
		}
	})
}
