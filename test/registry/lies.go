package registry

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// HugeManifest answers every manifest request with a valid index padded to size bytes, declaring no length.
// It stops as soon as the client does.
func HugeManifest(size int64) Fault {
	return onManifests(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", string(types.OCIImageIndex))
		const index = `{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]`
		body := io.MultiReader(strings.NewReader(index), io.LimitReader(spaces{}, size-int64(len(index))-1), strings.NewReader("}"))
		_, _ = io.Copy(w, body) // An error here is the client's good sense.
	})
}

// WrongContentLength declares extra bytes more than it sends; a negative number declares fewer and cuts the
// answer there.
func WrongContentLength(extra int) Fault {
	return func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			answer := httptest.NewRecorder()
			healthy.ServeHTTP(answer, req)
			for key, values := range answer.Header() {
				w.Header()[key] = values
			}
			body := answer.Body.Bytes()
			declared := max(0, len(body)+extra)
			w.Header().Set("Content-Length", strconv.Itoa(declared))
			w.WriteHeader(answer.Code)
			_, _ = w.Write(body[:min(declared, len(body))]) // net/http breaks the connection where bytes are missing.
		})
	}
}

// Cycle answers every manifest request, whatever tag or digest it names, with one index whose only child is
// again an index. Digests rule out a cycle in honest content; a client that trusts Docker-Content-Digest, or
// that verifies nothing, walks in a circle.
func Cycle() Fault {
	child := v1.Hash{Algorithm: "sha256", Hex: strings.Repeat("c0", 32)}
	return onManifests(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", string(types.OCIImageIndex))
		w.Header().Set("Docker-Content-Digest", child.String())
		_ = json.NewEncoder(w).Encode(v1.IndexManifest{ // A client may hang up.
			SchemaVersion: 2,
			MediaType:     types.OCIImageIndex,
			Manifests:     []v1.Descriptor{{MediaType: types.OCIImageIndex, Size: 1, Digest: child}},
		})
	})
}

// WrongContent answers every manifest request with these bytes and media type.
func WrongContent(mediaType string, body []byte) Fault {
	return onManifests(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", mediaType)
		_, _ = w.Write(body) // A client may hang up.
	})
}

func onManifests(answer http.HandlerFunc) Fault {
	return OnPath("/manifests/", func(http.Handler) http.Handler { return answer })
}

// spaces is an endless reader of JSON white space.
type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	copy(p, bytes.Repeat([]byte{' '}, len(p)))
	return len(p), nil
}
