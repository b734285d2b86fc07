package cache_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/test/registry"
)

var _ cache.Source = (*oci.Remote)(nil)

// pushed is a bundle with one file in a registry.
func pushed(t *testing.T, r *registry.Registry, content string) name.Digest {
	t.Helper()
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "kubelet.exe"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	artifact, err := oci.Build(t.Context(), directory, func(string) (oci.Origin, error) {
		return oci.Origin{Component: "kubernetes", Version: "v1.37.2"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := artifact.Close(); err != nil {
			t.Error(err)
		}
	})
	tag, err := name.NewTag(r.Reference("windows/node:v1"))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := artifact.Push(t.Context(), tag)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func TestABundleComesFromARegistryVerified(t *testing.T) {
	content := strings.Repeat("a program ", 1000)
	blob := "/blobs/sha256:" + digest(content)
	for sentence, c := range map[string]struct {
		answer func(w http.ResponseWriter)
		want   string
	}{
		"as it is":   {nil, ""},
		"corrupted":  {func(w http.ResponseWriter) { _, _ = w.Write([]byte(strings.ToUpper(content))) }, "kubelet.exe: after "},
		"truncated":  {func(w http.ResponseWriter) { _, _ = w.Write([]byte(content[:5000])) }, "kubelet.exe: "},
		"too long":   {func(w http.ResponseWriter) { _, _ = w.Write([]byte(content + "more")) }, ""}, // The rest is not read.
		"gone":       {func(w http.ResponseWriter) { w.WriteHeader(http.StatusNotFound) }, "kubelet.exe: "},
		"not for us": {func(w http.ResponseWriter) { w.WriteHeader(http.StatusForbidden) }, "kubelet.exe: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			r, err := registry.Start(registry.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(r.Close)
			reference := pushed(t, r, content)
			if c.answer != nil {
				r.Inject(func(healthy http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
						if strings.HasSuffix(req.URL.Path, blob) {
							c.answer(w)
							return
						}
						healthy.ServeHTTP(w, req)
					})
				})
			}
			remote, err := oci.Open(t.Context(), reference)
			if err != nil {
				t.Fatal(err)
			}
			directory := t.TempDir()
			held, err := open(t, directory, 1<<20).Fetch(t.Context(), remote)
			if c.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				expectContents(t, held, newSource("same", content))
				return
			}
			if err == nil || !strings.HasPrefix(err.Error(), "fetching bundle "+reference.DigestStr()+": "+c.want) {
				t.Errorf("got %v", err)
			}
			expectEmpty(t, directory)
		})
	}
}
