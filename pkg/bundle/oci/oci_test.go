package oci_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-containerregistry/pkg/name"

	"github.com/mullion-dev/mullion/pkg/bundle"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/test/registry"
)

func directory(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, content := range files {
		path = filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func origin(path string) (oci.Origin, error) {
	return oci.Origin{Component: strings.TrimSuffix(path, ".exe"), Version: "v1"}, nil
}

func build(t *testing.T, files map[string]string) *oci.Artifact {
	t.Helper()
	artifact, err := oci.Build(t.Context(), directory(t, files), origin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := artifact.Close(); err != nil {
			t.Error(err)
		}
	})
	return artifact
}

func start(t *testing.T) *registry.Registry {
	t.Helper()
	r, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func push(t *testing.T, r *registry.Registry, artifact *oci.Artifact) name.Digest {
	t.Helper()
	reference, err := name.ParseReference(r.Reference("windows/node:v1"))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := artifact.Push(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	return digest
}

func files() map[string]string {
	return map[string]string{"kubelet.exe": "kubelet", "cni/win-overlay.exe": "overlay", "LICENSE": "free", "copy.exe": "kubelet"}
}

func TestWhatIsPushedIsWhatIsRead(t *testing.T) {
	r, artifact := start(t), build(t, files())
	reference := push(t, r, artifact)
	remote, err := oci.Open(t.Context(), reference)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(artifact.Manifest, remote.Manifest()); diff != "" {
		t.Errorf("manifest (-want +got):\n%s", diff)
	}
	if remote.Digest() != reference.DigestStr() {
		t.Errorf("its digest is %s", remote.Digest())
	}
	got := map[string]string{}
	for _, file := range remote.Manifest().Files {
		content, err := remote.Read(file)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(content)
		if err := errors.Join(err, content.Close()); err != nil {
			t.Fatal(err)
		}
		got[file.Path] = string(raw)
		if file.Executable != strings.HasSuffix(file.Path, ".exe") {
			t.Errorf("%s is executable: %t", file.Path, file.Executable)
		}
	}
	if diff := cmp.Diff(files(), got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestTheSameFilesAreTheSameBundle(t *testing.T) {
	one, err := build(t, files()).Digest()
	if err != nil {
		t.Fatal(err)
	}
	two, err := build(t, files()).Digest()
	if err != nil {
		t.Fatal(err)
	}
	if one != two {
		t.Errorf("%s and %s", one, two)
	}
}

func TestAFileThatTheRegistryHasIsNotSentAgain(t *testing.T) {
	r := start(t)
	push(t, r, build(t, files()))
	r.ResetRequests()
	changed := files()
	changed["LICENSE"] = "freer"
	push(t, r, build(t, changed))
	// One file and the manifest that lists it.
	if got := r.RequestsByMethod(http.MethodPost, "/blobs/uploads/"); got != 2 {
		t.Errorf("%d uploads: want 2", got)
	}
}

func TestABundleIsBuiltOfRegularFilesOnly(t *testing.T) {
	linked := directory(t, files())
	if err := os.Symlink("/etc/passwd", filepath.Join(linked, "link")); err != nil {
		t.Fatal(err)
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	unknown := errors.New("nobody knows where it is from")
	for want, c := range map[string]struct {
		ctx       context.Context //nolint:containedctx // A row of a table.
		directory string
		origin    func(string) (oci.Origin, error)
	}{
		"link is not a regular file":             {t.Context(), linked, origin},
		"it lists no files":                      {t.Context(), t.TempDir(), origin},
		"opening the bundle's directory: ":       {t.Context(), filepath.Join(linked, "nowhere"), origin},
		"context canceled":                       {cancelled, directory(t, files()), origin},
		"LICENSE: nobody knows where it is from": {t.Context(), directory(t, files()), func(string) (oci.Origin, error) { return oci.Origin{}, unknown }},
		"it has no component or no version":      {t.Context(), directory(t, files()), func(string) (oci.Origin, error) { return oci.Origin{}, nil }},
	} {
		t.Run(want, func(t *testing.T) {
			if _, err := oci.Build(c.ctx, c.directory, c.origin); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAnImageIsNoBundle(t *testing.T) {
	r := start(t)
	index, err := registry.NewIndex(registry.Windows("10.0.20348.1"))
	if err != nil {
		t.Fatal(err)
	}
	image, err := registry.NewImage(registry.Windows("10.0.20348.1"))
	if err != nil {
		t.Fatal(err)
	}
	for repository, content := range map[string]registry.Content{"an/index:1": index, "an/image:1": image} {
		digest, err := r.Push(t.Context(), repository, content)
		if err != nil {
			t.Fatal(err)
		}
		reference, err := name.NewDigest(r.Reference(strings.TrimSuffix(repository, ":1")) + "@" + digest.String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := oci.Open(t.Context(), reference); err == nil || !strings.Contains(err.Error(), "it is no node bundle: ") {
			t.Errorf("%s: got %v", repository, err)
		}
	}
}

// answer replaces a part of every answer of a registry to requests whose path has a part.
func answer(path, from, to string) registry.Fault {
	return func(healthy http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
			if req.Method != http.MethodGet || !strings.Contains(req.URL.Path, path) {
				healthy.ServeHTTP(w, req)
				return
			}
			captured := &capture{header: http.Header{}}
			healthy.ServeHTTP(captured, req)
			body := bytes.ReplaceAll(captured.body.Bytes(), []byte(from), []byte(to))
			for key, values := range captured.header {
				if key != "Content-Length" {
					w.Header()[key] = values
				}
			}
			w.WriteHeader(max(captured.status, http.StatusOK))
			_, _ = w.Write(body)
		})
	}
}

type capture struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (c *capture) Header() http.Header         { return c.header }
func (c *capture) WriteHeader(status int)      { c.status = status }
func (c *capture) Write(p []byte) (int, error) { return c.body.Write(p) }

func TestARegistryThatLiesIsFoundOut(t *testing.T) {
	for sentence, fault := range map[string]registry.Fault{
		"a manifest of OCI is not what its digest says":  answer("/manifests/", "win-overlay", "win-0verlay"),
		"a manifest of ours is not what its digest says": answer("/blobs/", "win-overlay", "win-0verlay"),
		"a manifest of ours is longer than it says":      answer("/blobs/", "win-overlay", "win-overlay-and-more"),
		"a manifest of ours is shorter than it says":     answer("/blobs/", "win-overlay", ""),
	} {
		t.Run(sentence, func(t *testing.T) {
			r := start(t)
			reference := push(t, r, build(t, files()))
			r.Inject(fault)
			_, err := oci.Open(t.Context(), reference)
			if err == nil || !strings.HasPrefix(err.Error(), "reading bundle "+reference.String()+": ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAFileThatIsNotOfTheBundleIsNotRead(t *testing.T) {
	r := start(t)
	remote, err := oci.Open(t.Context(), push(t, r, build(t, files())))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := remote.Read(bundle.File{SHA256: strings.Repeat("00", 32)}); err == nil {
		t.Error("it is read")
	}
}

func TestARegistryThatIsDownIsAnError(t *testing.T) {
	r, artifact := start(t), build(t, files())
	reference := push(t, r, artifact)
	r.Close()
	if _, err := oci.Open(t.Context(), reference); err == nil {
		t.Error("a bundle is read from nowhere")
	}
	if _, err := artifact.Push(t.Context(), reference); err == nil || !strings.HasPrefix(err.Error(), "pushing bundle to ") {
		t.Errorf("got %v", err)
	}
}
