package policyapi_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// BenchmarkServe is a review on its way through the API, with a reviewer that takes no time.
func BenchmarkServe(b *testing.B) {
	w := newWorld(b, allowing())
	w.rights.grant("ann create placementreviews")
	b.ReportAllocs()
	for b.Loop() {
		request := httptest.NewRequestWithContext(b.Context(), http.MethodPost, reviewsPath, strings.NewReader(reviewOf(windowsPod)))
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set("X-Remote-User", "ann")
		request.TLS = w.proxy.state
		recorder := httptest.NewRecorder()
		w.server.ServeHTTP(recorder, request)
		if recorder.Code != http.StatusCreated {
			b.Fatalf("got %d: %s", recorder.Code, recorder.Body)
		}
	}
}
