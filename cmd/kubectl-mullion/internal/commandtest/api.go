// Package commandtest lets tests run subcommands against an API server that answers what they say.
package commandtest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// API is an API server that knows what a test tells it.
type API struct {
	*httptest.Server
	mux *http.ServeMux

	mu      sync.Mutex
	reviews []*placementv1alpha1.PlacementReview
}

// NewAPI starts an API server that knows the workloads' resources and no objects. It stops when the test ends, and
// until then nothing on this machine says where another cluster is.
func NewAPI(t testing.TB) *API {
	t.Helper()
	Isolate(t)
	a := &API{mux: http.NewServeMux()}
	a.Server = httptest.NewServer(a.mux)
	t.Cleanup(a.Close)
	for path, document := range discovery() {
		a.Serve(path, document)
	}
	return a
}

// Isolate keeps the kubeconfig and the caches of whoever runs the tests out of them.
func Isolate(t testing.TB) {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("HOME", dir)
	t.Setenv("KUBECONFIG", filepath.Join(dir, "none"))
	t.Setenv("KUBECACHEDIR", filepath.Join(dir, "cache"))
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
}

// Kubeconfig writes a kubeconfig with one context, named test, for the server, and makes it the one in force.
func Kubeconfig(t testing.TB, server string) string {
	t.Helper()
	const form = `apiVersion: v1
kind: Config
current-context: test
contexts: [{name: test, context: {cluster: test, user: test, namespace: shop}}]
clusters: [{name: test, cluster: {server: "SERVER"}}]
users: [{name: test, user: {token: secret}}]
`
	file := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(form, "SERVER", server)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("KUBECONFIG", file)
	return file
}

// Serve answers requests for a path with a document.
func (a *API) Serve(path string, document any) {
	a.Handle(path, func(w http.ResponseWriter, _ *http.Request) { Write(w, http.StatusOK, document) })
}

// Handle answers requests for a pattern of [http.ServeMux].
func (a *API) Handle(pattern string, handler http.HandlerFunc) { a.mux.HandleFunc(pattern, handler) }

// Write writes an answer in JSON.
func Write(w http.ResponseWriter, code int, document any) {
	w.Header().Set("Content-Type", runtime.ContentTypeJSON)
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(document) //nolint:errchkjson // Nobody reads any more if it fails.
}

// Refuse answers with a Status.
func Refuse(w http.ResponseWriter, code int32, reason metav1.StatusReason, message string) {
	Write(w, int(code), &metav1.Status{
		TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"},
		Status:   metav1.StatusFailure, Code: code, Reason: reason, Message: message,
	})
}

// Reviews are the questions that the policy server has been asked.
func (a *API) Reviews() []*placementv1alpha1.PlacementReview {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*placementv1alpha1.PlacementReview(nil), a.reviews...)
}

// ReviewPath is the pattern of the path of reviews.
const ReviewPath = "POST /apis/placement.mullion.dev/v1alpha1/namespaces/{namespace}/placementreviews"

// Answer has questions answered by a function, which is called concurrently.
func (a *API) Answer(answer func(*placementv1alpha1.PlacementReview) placementv1alpha1.PlacementReviewStatus) {
	a.Handle(ReviewPath, func(w http.ResponseWriter, r *http.Request) {
		review := &placementv1alpha1.PlacementReview{}
		if err := json.NewDecoder(r.Body).Decode(review); err != nil {
			Refuse(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, err.Error())
			return
		}
		review.Namespace = r.PathValue("namespace")
		a.mu.Lock()
		a.reviews = append(a.reviews, review)
		a.mu.Unlock()
		review.Status = answer(review)
		Write(w, http.StatusCreated, review)
	})
}

// Stall does not answer a request before its client has gone.
func Stall(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body) // Only then does the server notice that the client has gone.
	<-r.Context().Done()
}
