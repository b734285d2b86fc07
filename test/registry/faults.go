package registry

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Fault is a way to misbehave: it answers a request itself, or passes it on to the healthy registry.
type Fault func(healthy http.Handler) http.Handler

// faults is the set of faults in force, the latest outermost.
type faults struct {
	mu     sync.RWMutex
	active []*Fault
}

func (f *faults) wrap(healthy http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handler := healthy
		f.mu.RLock()
		for _, fault := range f.active {
			handler = (*fault)(handler)
		}
		f.mu.RUnlock()
		handler.ServeHTTP(w, req)
	})
}

// Inject puts a fault in force for requests that arrive from now on, and returns the function that ends it.
func (r *Registry) Inject(fault Fault) (restore func()) {
	r.faults.mu.Lock()
	defer r.faults.mu.Unlock()
	added := &fault
	r.faults.active = append(r.faults.active, added)
	return func() { r.faults.remove(added) }
}

func (f *faults) remove(fault *Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kept := make([]*Fault, 0, len(f.active))
	for _, other := range f.active {
		if other != fault {
			kept = append(kept, other)
		}
	}
	f.active = kept
}

// OnPath restricts a fault to requests whose path contains substring, for example "/manifests/" or "/blobs/".
func OnPath(substring string, fault Fault) Fault {
	return func(healthy http.Handler) http.Handler {
		faulty := fault(healthy)
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if strings.Contains(req.URL.Path, substring) {
				faulty.ServeHTTP(w, req)
				return
			}
			healthy.ServeHTTP(w, req)
		})
	}
}

// Down accepts connections and breaks them without an answer.
func Down() Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler) // The documented way to make net/http drop a connection.
		})
	}
}

// Slow delays each answer, and gives up without one when the client does.
func Slow(delay time.Duration) Fault {
	return func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			timer := time.NewTimer(delay)
			defer timer.Stop()
			select {
			case <-timer.C:
				healthy.ServeHTTP(w, req)
			case <-req.Context().Done():
			}
		})
	}
}

// Status answers with an HTTP status code, for example 429 or 503, and an empty body.
func Status(code int) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) })
	}
}

// Redirect sends clients to another base URL, such as "http://169.254.169.254", keeping the path.
func Redirect(baseURL string) Fault {
	return func(http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			http.Redirect(w, req, strings.TrimSuffix(baseURL, "/")+req.URL.RequestURI(), http.StatusTemporaryRedirect)
		})
	}
}
