// Package sourcetest is an API server of a few objects that never change, for tests of what watches for objects.
package sourcetest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

// Server answers by paths; what is at none of them is not found. It may be asked by many at once.
type Server struct {
	url string
	// lists are objects, and documents everything else, by path.
	lists     map[string]List
	documents map[string]any

	mu    sync.Mutex
	asked map[string]url.Values
}

// List is objects of one kind.
type List struct {
	APIVersion, Kind string
	// Objects are without their kind.
	Objects []map[string]any
}

// Metadata is what is told of an object where only that is asked for.
func Metadata(namespace, name string) List {
	return List{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadata", Objects: []map[string]any{
		{"metadata": map[string]any{"namespace": namespace, "name": name, "uid": "1", "resourceVersion": "1"}},
	}}
}

// New starts a server, which ends with the test.
func New(t *testing.T, lists map[string]List, documents map[string]any) *Server {
	t.Helper()
	s := &Server{lists: lists, documents: documents, asked: map[string]url.Values{}}
	listener := httptest.NewServer(s)
	t.Cleanup(func() {
		listener.CloseClientConnections() // Watches have no end of their own.
		listener.Close()
	})
	s.url = listener.URL
	return s
}

// Manager makes a manager of the server's objects, which knows the kinds of the scheme.
func (s *Server) Manager(t *testing.T, scheme *runtime.Scheme) manager.Manager {
	t.Helper()
	mgr, err := manager.New(&rest.Config{Host: s.url}, manager.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, Logger: logr.Discard(),
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
		// Nobody is asked which kinds there are.
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) {
			mapper := meta.NewDefaultRESTMapper(nil)
			for kind := range scheme.AllKnownTypes() {
				mapper.Add(kind, meta.RESTScopeNamespace)
			}
			return mapper, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return mgr
}

// Asked is with which parameters a path was asked for last; nil where it was not.
func (s *Server) Asked(path string) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked[path]
}

// ServeHTTP answers a request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.asked[r.URL.Path] = r.URL.Query()
	s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	list, listed := s.lists[r.URL.Path]
	document, known := s.documents[r.URL.Path]
	switch {
	case listed && r.URL.Query().Get("watch") == "true":
		list.watch(w, r)
	case listed:
		write(w, map[string]any{"apiVersion": list.APIVersion, "kind": list.Kind + "List", "metadata": version(), "items": list.items()})
	case known:
		write(w, document)
	default:
		w.WriteHeader(http.StatusNotFound)
		write(w, metav1.Status{Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound})
	}
}

// watch tells of what is there, if that is asked for, and then of nothing until whoever watches goes.
func (l *List) watch(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		for _, object := range l.items() {
			write(w, map[string]any{"type": "ADDED", "object": object})
		}
		end := version()
		end["annotations"] = map[string]string{metav1.InitialEventsAnnotationKey: "true"}
		write(w, map[string]any{"type": "BOOKMARK", "object": map[string]any{"apiVersion": l.APIVersion, "kind": l.Kind, "metadata": end}})
	}
	if flusher, ok := w.(http.Flusher); ok {
		flusher.Flush()
	}
	<-r.Context().Done()
}

// items are the objects with their kind.
func (l *List) items() []map[string]any {
	items := make([]map[string]any, len(l.Objects))
	for i, object := range l.Objects {
		items[i] = maps.Clone(object)
		items[i]["apiVersion"], items[i]["kind"] = l.APIVersion, l.Kind
	}
	return items
}

func version() map[string]any { return map[string]any{"resourceVersion": "1"} }

func write(w http.ResponseWriter, answer any) {
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		_, _ = fmt.Fprintln(w, err) // Whoever asks cannot read that, and says so.
	}
}
