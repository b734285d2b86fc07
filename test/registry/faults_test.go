package registry_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/test/registry"
)

func TestFaults(t *testing.T) {
	t.Parallel()
	const huge = 5 << 20
	cases := map[string]struct {
		fault registry.Fault
		check func(t *testing.T, status int, body []byte, err error)
	}{
		"a registry that is down breaks the connection": {
			registry.Down(),
			func(t *testing.T, _ int, _ []byte, err error) {
				if !errors.Is(err, io.EOF) {
					t.Errorf("got %v, want %v", err, io.EOF)
				}
			},
		},
		"a status code replaces the answer": {
			registry.Status(http.StatusTooManyRequests),
			func(t *testing.T, status int, _ []byte, err error) {
				if err != nil || status != http.StatusTooManyRequests {
					t.Errorf("got %d, %v", status, err)
				}
			},
		},
		"a redirect leads elsewhere with the same path": {
			registry.Redirect("http://169.254.169.254/"),
			func(t *testing.T, _ int, _ []byte, err error) {
				var elsewhere redirectError
				if !errors.As(err, &elsewhere) || elsewhere.url != "http://169.254.169.254/v2/image/manifests/1.0" {
					t.Errorf("got %v", err)
				}
			},
		},
		"a huge manifest has the size asked for": {
			registry.HugeManifest(huge),
			func(t *testing.T, _ int, body []byte, err error) {
				if err != nil || len(body) != huge {
					t.Errorf("got %d bytes, %v", len(body), err)
				}
			},
		},
		"a length that promises too much ends in an unexpected end": {
			registry.WrongContentLength(100),
			func(t *testing.T, _ int, _ []byte, err error) {
				if !errors.Is(err, io.ErrUnexpectedEOF) {
					t.Errorf("got %v, want %v", err, io.ErrUnexpectedEOF)
				}
			},
		},
		"a length that promises too little cuts the answer": {
			registry.WrongContentLength(-10),
			func(t *testing.T, _ int, body []byte, err error) {
				if err != nil || len(body) == 0 || body[len(body)-1] == '}' {
					t.Errorf("got %q, %v", body, err)
				}
			},
		},
		"content of any kind can stand for a manifest": {
			registry.WrongContent("text/html", []byte("<html>")),
			func(t *testing.T, _ int, body []byte, err error) {
				if err != nil || string(body) != "<html>" {
					t.Errorf("got %q, %v", body, err)
				}
			},
		},
		"a fault on another path is not met": {
			registry.OnPath("/blobs/", registry.Down()),
			func(t *testing.T, status int, _ []byte, err error) {
				if err != nil || status != http.StatusOK {
					t.Errorf("got %d, %v", status, err)
				}
			},
		},
	}
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			r := start(t, registry.Options{})
			push(t, r, "image:1.0", registry.Linux("amd64"))
			client := &http.Client{
				Transport:     &http.Transport{DisableKeepAlives: true},
				CheckRedirect: func(req *http.Request, _ []*http.Request) error { return redirectError{req.URL.String()} },
			}
			restore := r.Inject(c.fault)
			status, body, err := get(t.Context(), client, r.URL()+"/v2/image/manifests/1.0")
			c.check(t, status, body, err)

			restore()
			if status, _, err := get(t.Context(), client, r.URL()+"/v2/image/manifests/1.0"); err != nil || status != http.StatusOK {
				t.Errorf("after the fault has ended: %d, %v", status, err)
			}
		})
	}
}

// redirectError says where a client was sent.
type redirectError struct{ url string }

func (e redirectError) Error() string { return "redirected to " + e.url }

func TestASlowRegistryEndsWithItsClient(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	r.Inject(registry.Slow(time.Hour))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, _, err := get(ctx, r.Client(), r.URL()+"/v2/"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want %v", err, context.DeadlineExceeded)
	}
	closed := make(chan struct{})
	go func() {
		r.Close() // Waits for requests in progress.
		close(closed)
	}()
	select {
	case <-closed:
	case <-time.After(10 * time.Second):
		t.Error("the slow request outlives its client")
	}
}

func TestASlowRegistryAnswersInTheEnd(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	const delay = 30 * time.Millisecond
	r.Inject(registry.Slow(delay))
	began := time.Now()
	status, _, err := get(t.Context(), r.Client(), r.URL()+"/v2/")
	if err != nil || status != http.StatusOK {
		t.Errorf("got %d, %v", status, err)
	}
	if took := time.Since(began); took < delay {
		t.Errorf("answered after %s, want at least %s", took, delay)
	}
}

func TestFaultsOverlap(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	endFirst := r.Inject(registry.Status(http.StatusServiceUnavailable))
	endSecond := r.Inject(registry.Status(http.StatusTooManyRequests))
	expect := func(want int) {
		t.Helper()
		if status, _, err := get(t.Context(), r.Client(), r.URL()+"/v2/"); err != nil || status != want {
			t.Errorf("got %d, %v, want %d", status, err, want)
		}
	}
	expect(http.StatusTooManyRequests)
	endFirst()
	expect(http.StatusTooManyRequests)
	endSecond()
	expect(http.StatusOK)
}
