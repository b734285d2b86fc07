package registry

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// spaces is endless valid JSON white space.
type spaces struct{ sent *atomic.Int64 }

func (s spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	s.sent.Add(int64(len(p)))
	return len(p), nil
}

func TestAManifestOfAGibibyteIsRefusedWithoutReadingIt(t *testing.T) {
	for sentence, announce := range map[string]bool{
		"when its length is announced": true,
		"when it comes in chunks":      false,
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			var sent atomic.Int64
			done := make(chan struct{})
			f.intercept(func(w http.ResponseWriter, _ *http.Request) {
				defer close(done)
				if announce {
					w.Header().Set("Content-Length", fmt.Sprint(1<<30))
				}
				w.WriteHeader(http.StatusOK)
				_, _ = io.CopyN(w, spaces{&sent}, 1<<30)
			})
			_, err := f.lookup(t)
			wantProblem(t, err, policy.ImageMalformed, "a document of")
			<-done
			// What the server managed to hand to the kernel's buffers comes on top of the limit.
			if sent.Load() > maxDocumentSize+32<<20 {
				t.Errorf("the server could send %d bytes", sent.Load())
			}
		})
	}
}

func TestSizesThatAreLiesAreFoundOut(t *testing.T) {
	for sentence, test := range map[string]struct {
		length int
		reason policy.ImageProblemReason
	}{
		"a Content-Length that is too small cuts the manifest short":     {10, policy.ImageMalformed},
		"a Content-Length that is too large ends in a broken connection": {4000, policy.ImageUnreachable},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			body := f.documents["manifests/"+f.image(linux()).Digest.String()].body
			f.intercept(func(w http.ResponseWriter, _ *http.Request) {
				connection, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				w.(*writeRecorder).written = true
				_, _ = fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", test.length, body)
				_ = connection.Close()
			})
			_, err := f.lookup(t)
			wantProblem(t, err, test.reason)
		})
	}
}

func TestASizeInADescriptorIsHeldAgainstTheLimitBeforeAnythingIsFetched(t *testing.T) {
	for sentence, build := range map[string]func(f *fake) v1.Descriptor{
		"of a manifest": func(f *fake) v1.Descriptor {
			entry := f.image(silent())
			entry.Size = 1 << 40
			return f.index(entry)
		},
		"of a configuration": func(f *fake) v1.Descriptor {
			config := f.put("blobs", types.OCIConfigJSON, linux())
			config.Size = 1 << 40
			return f.put("manifests", types.OCIManifestSchema1, map[string]any{"schemaVersion": 2, "config": config})
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.tag(build(f))
			_, err := f.lookup(t)
			wantProblem(t, err, policy.ImageMalformed, "more than the limit of 4096")
			if n := f.count(""); n != 1 {
				t.Errorf("%d requests, want 1", n)
			}
		})
	}
}

func TestBytesOfAnotherDigestAreRefused(t *testing.T) {
	for sentence, path := range map[string]string{"a manifest": "manifests/", "a configuration": "blobs/"} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			target := f.image(ws2022())
			other := f.documents["blobs/"+f.put("blobs", types.OCIConfigJSON, linux()).Digest.String()]
			f.intercept(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, path) {
					_, _ = w.Write(other.body)
				}
			})
			_, err := f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, "@"+target.Digest.String())})
			wantProblem(t, err, policy.ImageMalformed, "digest")
		})
	}
}

func TestACycleOfIndexesEnds(t *testing.T) {
	f := newFake(t)
	// No index can hold its own digest, so a registry that wants a cycle must answer every digest with the
	// same bytes.
	inner := f.index(as(f.image(linux()), linux()))
	body := f.documents["manifests/"+f.index(inner).Digest.String()].body
	f.intercept(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", string(types.OCIImageIndex))
		_, _ = w.Write(body)
	})
	_, err := f.lookup(t)
	wantProblem(t, err, policy.ImageMalformed, "digest")
	if n := f.count(""); n != 2 {
		t.Errorf("%d requests, want 2", n)
	}
}

func TestASlowRegistryIsLeftWhenTheContextEnds(t *testing.T) {
	f := newFake(t)
	asked := make(chan struct{})
	f.intercept(func(_ http.ResponseWriter, r *http.Request) {
		close(asked)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	_, err := f.client(t).Lookup(ctx, Query{Image: f.reference(t, ":1")})
	wantProblem(t, err, policy.ImageUnreachable, "did not answer in time")
	if !err.(*Error).Outage { //nolint:errorlint // Checked by wantProblem.
		t.Error("not counted as an outage")
	}
}

func TestStatus(t *testing.T) {
	date := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	for sentence, test := range map[string]struct {
		code       int
		retryAfter string
		reason     policy.ImageProblemReason
		outage     bool
		wait       time.Duration
	}{
		"401 without a challenge is unauthorized":          {401, "", policy.ImageUnauthorized, false, 0},
		"403 is unauthorized":                              {403, "", policy.ImageUnauthorized, false, 0},
		"404 is not found":                                 {404, "", policy.ImageNotFound, false, 0},
		"429 is an outage":                                 {429, "", policy.ImageUnreachable, true, 0},
		"429 may say in seconds when to ask again":         {429, "30", policy.ImageUnreachable, true, 30 * time.Second},
		"429 may say when by date":                         {429, date.Add(time.Minute).Format(http.TimeFormat), policy.ImageUnreachable, true, time.Minute},
		"429 cannot silence us for more than five minutes": {429, "999999999", policy.ImageUnreachable, true, 5 * time.Minute},
		"429 with a date long past asks for nothing":       {429, date.Add(-time.Hour).Format(http.TimeFormat), policy.ImageUnreachable, true, 0},
		"429 with nonsense asks for nothing":               {429, "soon", policy.ImageUnreachable, true, 0},
		"500 is an outage":                                 {500, "", policy.ImageUnreachable, true, 0},
		"503 may say when to ask again":                    {503, "5", policy.ImageUnreachable, true, 5 * time.Second},
		"another status is an answer that makes no sense":  {418, "", policy.ImageMalformed, false, 0},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.intercept(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", date.Format(http.TimeFormat))
				if test.retryAfter != "" {
					w.Header().Set("Retry-After", test.retryAfter)
				}
				w.WriteHeader(test.code)
			})
			_, err := f.lookup(t)
			wantProblem(t, err, test.reason, fmt.Sprint(test.code), "app:1")
			problem := err.(*Error) //nolint:errorlint // Checked by wantProblem.
			if problem.Outage != test.outage || problem.RetryAfter != test.wait {
				t.Errorf("outage %v, retry after %v", problem.Outage, problem.RetryAfter)
			}
		})
	}
}

func TestAServerThatIsDownIsAnOutage(t *testing.T) {
	f := newFake(t)
	f.server.Close()
	_, err := f.lookup(t)
	wantProblem(t, err, policy.ImageUnreachable, "connection refused")
}

func TestRevalidationFetchesTheManifestOnlyWhenTheTagHasMoved(t *testing.T) {
	f := newFake(t)
	first, second := f.image(ws2019()), f.image(ws2022())
	f.tag(first)
	known := &policy.Image{Digest: first.Digest.String()}
	query := Query{Image: f.reference(t, ":1"), Revalidate: true, Known: func(digest string) *policy.Image {
		if digest == known.Digest {
			return known
		}
		return nil
	}}
	got, err := f.client(t).Lookup(t.Context(), query)
	if err != nil || got != known || f.count("GET") != 0 {
		t.Errorf("got %v, %v after %d GETs, want what is known after none", got, err, f.count("GET"))
	}
	f.tag(second)
	got, err = f.client(t).Lookup(t.Context(), query)
	if err != nil || got.Digest != second.Digest.String() {
		t.Errorf("got %v, %v after the tag moved", got, err)
	}
}

func TestARegistryWithoutHEADIsRevalidatedByGET(t *testing.T) {
	f := newFake(t)
	f.tag(f.image(ws2022()))
	f.intercept(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
	got, err := f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, ":1"), Revalidate: true})
	if err != nil || got.Platforms[0].OSVersion != ws2022().OSVersion {
		t.Errorf("got %v, %v", got, err)
	}
}
