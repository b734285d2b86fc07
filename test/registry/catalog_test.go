package registry_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/test/registry"
)

// fetchIndex pulls an index and checks that it is one.
func fetchIndex(t *testing.T, r *registry.Registry, repositoryAndTag string) *v1.IndexManifest {
	t.Helper()
	index, err := remote.Index(parse(t, r, repositoryAndTag), remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	return manifest
}

// fetchConfig pulls the config of one image and returns its platform.
func fetchConfig(t *testing.T, r *registry.Registry, repositoryAndTagOrDigest string) v1.Platform {
	t.Helper()
	descriptor, err := remote.Get(parse(t, r, repositoryAndTagOrDigest), remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	image, err := descriptor.Image()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := image.RawConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	var platform v1.Platform
	if err := json.Unmarshal(raw, &platform); err != nil {
		t.Fatal(err)
	}
	return platform
}

func TestIndexEntriesAndConfigsSayWhatTheFixtureSays(t *testing.T) {
	t.Parallel()
	windows := registry.Windows("10.0.20348.2700", "win32k")
	full := v1.Platform{OS: "windows", Architecture: "amd64", OSVersion: "10.0.20348.2700", OSFeatures: []string{"win32k"}}
	unversioned := v1.Platform{OS: "windows", Architecture: "amd64"}
	cases := map[string]struct {
		manifest registry.Manifest
		entry    *v1.Platform
		config   v1.Platform
	}{
		"a plain Windows image states its build twice": {windows, &full, full},
		"an entry may leave the build to the config":   {windows.EntrySilent(), &unversioned, full},
		"a HostProcess base states its build nowhere":  {windows.VersionUnknown(), &unversioned, unversioned},
		"an entry may have no platform":                {windows.NoPlatform(), nil, full},
		"a Linux image has no version":                 {registry.Linux("arm64"), &v1.Platform{OS: "linux", Architecture: "arm64"}, v1.Platform{OS: "linux", Architecture: "arm64"}},
		"an attestation is for an unknown platform":    {registry.Attestation(), &v1.Platform{OS: "unknown", Architecture: "unknown"}, v1.Platform{OS: "unknown", Architecture: "unknown"}},
	}
	r := start(t, registry.Options{})
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			push(t, r, "shape:1.0", c.manifest)
			entry := fetchIndex(t, r, "shape:1.0").Manifests[0]
			if diff := cmp.Diff(c.entry, entry.Platform); diff != "" {
				t.Errorf("index entry (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.config, fetchConfig(t, r, "shape@"+entry.Digest.String())); diff != "" {
				t.Errorf("config (-want +got):\n%s", diff)
			}
		})
	}
}

func TestASingleManifestHasNoIndex(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	image, err := registry.NewImage(registry.Windows("10.0.17763.6293"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Push(t.Context(), "single:1.0", image); err != nil {
		t.Fatal(err)
	}
	descriptor, err := remote.Head(parse(t, r, "single:1.0"), remote.WithContext(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	if !descriptor.MediaType.IsImage() {
		t.Errorf("media type is %s, want an image's", descriptor.MediaType)
	}
	if got, want := fetchConfig(t, r, "single:1.0").OSVersion, "10.0.17763.6293"; got != want {
		t.Errorf("os.version is %q, want %q", got, want)
	}
}

func TestNestedIndexesListOnlyTheNext(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	leaf, err := registry.WindowsIndex("10.0.17763.6293", "10.0.20348.2700")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Push(t.Context(), "nested:1.0", registry.Nest(leaf, 3)); err != nil {
		t.Fatal(err)
	}
	ref := "nested:1.0"
	for range 3 {
		manifest := fetchIndex(t, r, ref)
		if len(manifest.Manifests) != 1 || !manifest.Manifests[0].MediaType.IsIndex() {
			t.Fatalf("%s lists %v, want one index", ref, manifest.Manifests)
		}
		ref = "nested@" + manifest.Manifests[0].Digest.String()
	}
	if got := len(fetchIndex(t, r, ref).Manifests); got != 2 {
		t.Errorf("the innermost index lists %d images, want 2", got)
	}
}

func TestACycleLeadsFromIndexToIndexForEver(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	r.Inject(registry.Cycle())
	url := r.URL() + "/v2/image/manifests/1.0"
	for range 3 {
		_, body, err := get(t.Context(), r.Client(), url)
		if err != nil {
			t.Fatal(err)
		}
		var manifest v1.IndexManifest
		if err := json.Unmarshal(body, &manifest); err != nil {
			t.Fatal(err)
		}
		if got := manifest.Manifests[0].MediaType; got != types.OCIImageIndex {
			t.Fatalf("child is a %s", got)
		}
		next := r.URL() + "/v2/image/manifests/" + manifest.Manifests[0].Digest.String()
		if url != r.URL()+"/v2/image/manifests/1.0" && next != url {
			t.Fatalf("the circle opened: %s leads to %s", url, next)
		}
		url = next
	}
}

func TestEveryCatalogEntryCanBePulledAsDescribed(t *testing.T) {
	t.Parallel()
	r := start(t, registry.Options{})
	catalog := registry.Catalog()
	if err := r.PushCatalog(t.Context(), catalog); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, fixture := range catalog {
		if seen[fixture.Name] {
			t.Errorf("%s is in the catalog twice", fixture.Name)
		}
		seen[fixture.Name] = true
		descriptor, err := remote.Head(parse(t, r, fixture.Name), remote.WithContext(t.Context()))
		if err != nil {
			t.Fatalf("%s: %v", fixture.Name, err)
		}
		if got, want := descriptor.MediaType.IsImage(), fixture.Single; got != want {
			t.Errorf("%s is a %s", fixture.Name, descriptor.MediaType)
		}
	}
}
