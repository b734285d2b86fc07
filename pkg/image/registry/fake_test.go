package registry

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/opencontainers/go-digest"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// fake is a registry that serves whatever bytes a test puts into it, however wrong.
type fake struct {
	server *httptest.Server

	mu        sync.Mutex
	documents map[string]served // by path under /v2/app/
	requests  []string
	before    http.HandlerFunc
}

type served struct {
	mediaType types.MediaType
	body      []byte
}

func newFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{documents: map[string]served{}}
	f.server = httptest.NewServer(f)
	t.Cleanup(f.server.Close)
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.requests = append(f.requests, r.Method+" "+r.URL.Path)
	document, ok := f.documents[strings.TrimPrefix(r.URL.Path, "/v2/app/")]
	before := f.before
	f.mu.Unlock()

	if before != nil {
		recorder := &writeRecorder{ResponseWriter: w}
		if before(recorder, r); recorder.written {
			return
		}
	}
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", string(document.mediaType))
	w.Header().Set(contentDigest, digest.FromBytes(document.body).String())
	_, _ = w.Write(document.body)
}

// writeRecorder tells whether a handler answered.
type writeRecorder struct {
	http.ResponseWriter
	written bool
}

func (w *writeRecorder) WriteHeader(code int) { w.written = true; w.ResponseWriter.WriteHeader(code) }
func (w *writeRecorder) Write(b []byte) (int, error) {
	w.written = true
	return w.ResponseWriter.Write(b)
}
func (w *writeRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// intercept answers requests in place of the registry, wherever the handler writes something.
func (f *fake) intercept(handler http.HandlerFunc) { f.before = handler }

func (f *fake) host() string { return f.server.Listener.Addr().String() }

func (f *fake) count(prefix string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, request := range f.requests {
		if strings.HasPrefix(request, prefix) {
			n++
		}
	}
	return n
}

// put serves a document by its digest and returns how an index would refer to it.
func (f *fake) put(kind string, mediaType types.MediaType, content any) v1.Descriptor {
	body, ok := content.([]byte)
	if !ok {
		body, _ = json.Marshal(content) //nolint:errchkjson // What tests put in can be marshalled.
	}
	sum := digest.FromBytes(body)
	f.documents[kind+"/"+sum.String()] = served{mediaType, body}
	hash, _ := v1.NewHash(sum.String())
	return v1.Descriptor{MediaType: mediaType, Digest: hash, Size: int64(len(body))}
}

// image serves a manifest whose configuration says what platform says.
func (f *fake) image(platform v1.Platform) v1.Descriptor {
	config := f.put("blobs", types.OCIConfigJSON, platform)
	return f.put("manifests", types.OCIManifestSchema1, map[string]any{
		"schemaVersion": 2, "mediaType": types.OCIManifestSchema1, "config": config, "layers": []any{},
	})
}

func (f *fake) index(entries ...v1.Descriptor) v1.Descriptor {
	return f.put("manifests", types.OCIImageIndex, map[string]any{
		"schemaVersion": 2, "mediaType": types.OCIImageIndex, "manifests": append([]v1.Descriptor{}, entries...),
	})
}

// tag serves what a descriptor refers to under the tag "1" as well.
func (f *fake) tag(target v1.Descriptor) {
	f.documents["manifests/1"] = f.documents["manifests/"+target.Digest.String()]
}

func (f *fake) reference(t *testing.T, suffix string) reference.Reference {
	t.Helper()
	parsed, err := reference.Parse(f.host() + "/app" + suffix)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func (f *fake) client(t *testing.T) *Client {
	t.Helper()
	c := NewClient(Options{InsecureHosts: []string{f.host()}})
	t.Cleanup(c.Close)
	return c
}

// lookup asks about the tag "1" anonymously.
func (f *fake) lookup(t *testing.T) (*policy.Image, error) {
	t.Helper()
	return f.client(t).Lookup(t.Context(), Query{Image: f.reference(t, ":1")})
}

// wantProblem expects an *Error with a reason and words.
func wantProblem(t *testing.T, err error, reason policy.ImageProblemReason, words ...string) {
	t.Helper()
	problem, ok := err.(*Error) //nolint:errorlint // The contract is the type itself.
	if !ok {
		t.Fatalf("got error %v, want an *Error with reason %s", err, reason)
	}
	if problem.Reason != reason {
		t.Errorf("got reason %s (%s), want %s", problem.Reason, problem.Message, reason)
	}
	for _, word := range words {
		if !strings.Contains(problem.Message, word) {
			t.Errorf("message %q does not say %q", problem.Message, word)
		}
	}
}

func as(entry v1.Descriptor, platform v1.Platform) v1.Descriptor {
	entry.Platform = &platform
	return entry
}

func windows(version string, features ...string) v1.Platform {
	return v1.Platform{OS: "windows", Architecture: "amd64", OSVersion: version, OSFeatures: features}
}

func challengeBearer(w http.ResponseWriter, realm string) {
	w.Header().Set("WWW-Authenticate", fmt.Sprintf(`Bearer realm=%q,service="registry",scope="repository:app:pull,push"`, realm))
	w.WriteHeader(http.StatusUnauthorized)
}
