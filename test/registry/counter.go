package registry

import (
	"net/http"
	"strings"
	"sync"
)

// counter counts requests by method and path.
type counter struct {
	mu     sync.Mutex
	counts map[request]int
}

type request struct{ method, path string }

func newCounter() *counter { return &counter{counts: map[request]int{}} }

func (c *counter) wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		c.mu.Lock()
		c.counts[request{req.Method, req.URL.Path}]++
		c.mu.Unlock()
		next.ServeHTTP(w, req)
	})
}

// Requests returns how many requests clients have made whose path contains substring, refused and failed
// ones included. Requests("") is their total, Requests("/manifests/") is the number of manifest requests.
func (r *Registry) Requests(substring string) int {
	r.counts.mu.Lock()
	defer r.counts.mu.Unlock()
	total := 0
	for request, n := range r.counts.counts {
		if strings.Contains(request.path, substring) {
			total += n
		}
	}
	return total
}

// RequestsByMethod is Requests for one HTTP method.
func (r *Registry) RequestsByMethod(method, substring string) int {
	r.counts.mu.Lock()
	defer r.counts.mu.Unlock()
	total := 0
	for request, n := range r.counts.counts {
		if request.method == method && strings.Contains(request.path, substring) {
			total += n
		}
	}
	return total
}

// ResetRequests forgets the requests counted so far.
func (r *Registry) ResetRequests() {
	r.counts.mu.Lock()
	defer r.counts.mu.Unlock()
	clear(r.counts.counts)
}
