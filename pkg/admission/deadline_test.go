package admission

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestTheBudgetLeavesTimeToAnswer(t *testing.T) {
	tests := map[string]struct {
		query string
		want  time.Duration
	}{
		"what the API server waits, less the margin":      {"timeout=5s", 4500 * time.Millisecond},
		"half of it, if the margin is more":               {"timeout=800ms", 400 * time.Millisecond},
		"our longest, if the API server waits longer":     {"timeout=30s", 9500 * time.Millisecond},
		"our longest, if the API server does not say":     {"", 9500 * time.Millisecond},
		"our longest, if what it says is no duration":     {"timeout=soon", 9500 * time.Millisecond},
		"our longest, if it says zero":                    {"timeout=0s", 9500 * time.Millisecond},
		"our longest, if it is negative":                  {"timeout=-1s", 9500 * time.Millisecond},
		"our longest, if the query says something else":   {"dryRun=All", 9500 * time.Millisecond},
		"our longest, if the query cannot be read at all": {"%zz", 9500 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := budget(&url.URL{RawQuery: test.query}, 10*time.Second, 500*time.Millisecond); got != test.want {
				t.Errorf("want %v, got %v", test.want, got)
			}
		})
	}
}

func TestTheReviewersContextEndsWithTheBudget(t *testing.T) {
	start := time.Now()
	var deadline, reviewed time.Time
	handler := NewHandler(reviewerFunc(func(ctx context.Context, _ *Request) (Response, error) {
		deadline, _ = ctx.Deadline()
		reviewed = time.Now()
		<-ctx.Done()
		return Response{}, ctx.Err()
	}), Options{Timeout: 20 * time.Millisecond})

	if status := failureIn(t, post(handler, captured(t))); status.Code != http.StatusGatewayTimeout {
		t.Errorf("want HTTP 504, got %d: %s", status.Code, status.Message)
	}
	// The budget begins when the request arrives, which is somewhere between the two.
	if deadline.Sub(start) < 10*time.Millisecond || deadline.Sub(reviewed) > 10*time.Millisecond {
		t.Errorf("want the reviewer to be given 10ms, got %v to %v", deadline.Sub(reviewed), deadline.Sub(start))
	}
}

func TestAReviewEndsWhenTheAPIServerStopsWaiting(t *testing.T) {
	observer := &observed{}
	reviewing, ended := make(chan struct{}), make(chan struct{})
	handler := NewHandler(reviewerFunc(func(ctx context.Context, _ *Request) (Response, error) {
		close(reviewing)
		<-ctx.Done()
		return Response{}, ctx.Err()
	}), Options{Observer: observer})
	server := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(w, r)
		close(ended)
	}))

	ctx, cancel := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL, strings.NewReader(string(captured(t))))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	go func() {
		<-reviewing
		cancel()
	}()
	if answer, err := server.Client().Do(request); err == nil {
		answer.Body.Close()
		t.Fatalf("the canceled call was answered: %s", answer.Status)
	}
	<-ended
	if got, want := observer.String(), "CREATE canceled"; got != want {
		t.Errorf("want %q observed, got %q", want, got)
	}
}

func TestABodyThatNeverEndsIsNotWaitedFor(t *testing.T) {
	handler := NewHandler(answering(Allow(), nil), Options{Timeout: 20 * time.Millisecond})
	server := serve(t, handler)

	body, stuck := io.Pipe()
	defer stuck.Close()
	go func() { _, _ = io.WriteString(stuck, `{"kind":`) }()
	answer, err := server.Client().Post(server.URL, "application/json", body)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusBadRequest {
		t.Errorf("want HTTP 400, got %s", answer.Status)
	}
}

// serve serves the handler as the API server expects it: over TLS and HTTP/2.
func serve(t *testing.T, handler http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(handler)
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}
