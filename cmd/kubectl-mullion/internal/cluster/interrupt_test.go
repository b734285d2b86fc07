package cluster

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// get asks a server through the transport under test. The request's own context does not end.
func get(ctx context.Context, t *testing.T, handler http.HandlerFunc) (*http.Response, error) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	return endWith(ctx)(http.DefaultTransport).RoundTrip(request)
}

func TestARequestWithoutAContextOfItsOwnIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	_, err := get(ctx, t, func(_ http.ResponseWriter, r *http.Request) {
		interrupt()
		<-r.Context().Done()
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("it ended with %v", err)
	}
}

func TestTheBodyOfAnAnswerIsInterruptedToo(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	response, err := get(ctx, t, func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusOK)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	interrupt()
	if _, err := io.ReadAll(response.Body); !errors.Is(err, context.Canceled) {
		t.Errorf("reading ended with %v", err)
	}
}

func TestAnAnswerIsReadToItsEnd(t *testing.T) {
	response, err := get(t.Context(), t, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "answer") })
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || string(text) != "answer" {
		t.Errorf("%q, %v", text, err)
	}
}
