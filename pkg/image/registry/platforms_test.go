package registry

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func ws2019() v1.Platform { return windows("10.0.17763.6293") }
func ws2022() v1.Platform { return windows("10.0.20348.2700") }
func linux() v1.Platform  { return v1.Platform{OS: "linux", Architecture: "amd64"} }

// silent is Windows of a version that is not told.
func silent() v1.Platform { return v1.Platform{OS: "windows", Architecture: "amd64"} }

func factsWS2019() policy.Platform  { return facts("windows", "10.0.17763.6293") }
func factsWS2022() policy.Platform  { return facts("windows", "10.0.20348.2700") }
func factsLinux() policy.Platform   { return facts("linux", "") }
func factsUnknown() policy.Platform { return facts("windows", "") }

func facts(os, version string) policy.Platform {
	return policy.Platform{OS: os, Architecture: "amd64", OSVersion: version}
}

func TestPlatforms(t *testing.T) {
	for sentence, test := range map[string]struct {
		build func(f *fake) v1.Descriptor
		want  []policy.Platform
		// blobs is how many configurations are read.
		blobs int
	}{
		"an index entry with a platform is believed without reading the image": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(linux()), ws2022()), as(f.image(silent()), linux()))
			},
			[]policy.Platform{factsWS2022(), factsLinux()}, 0,
		},
		"a Windows-only index needs no Linux entry": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(ws2019()), ws2019()), as(f.image(ws2022()), ws2022()))
			},
			[]policy.Platform{factsWS2019(), factsWS2022()}, 0,
		},
		"os.features are kept": {
			func(f *fake) v1.Descriptor { return f.index(as(f.image(linux()), windows("10.0.1.2", "win32k"))) },
			[]policy.Platform{{OS: "windows", Architecture: "amd64", OSVersion: "10.0.1.2", OSFeatures: []string{"win32k"}}}, 0,
		},
		"a Windows entry without version takes it from the configuration": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(ws2022()), silent()), as(f.image(linux()), linux()))
			},
			[]policy.Platform{factsWS2022(), factsLinux()}, 1,
		},
		"where the configuration is silent() too, the version stays empty": {
			func(f *fake) v1.Descriptor { return f.index(as(f.image(silent()), silent())) },
			[]policy.Platform{factsUnknown()}, 1,
		},
		"an entry without platform is read from its configuration": {
			func(f *fake) v1.Descriptor { return f.index(f.image(ws2019()), f.image(linux())) },
			[]policy.Platform{factsWS2019(), factsLinux()}, 2,
		},
		"an entry with an empty platform too": {
			func(f *fake) v1.Descriptor { return f.index(as(f.image(ws2019()), v1.Platform{})) },
			[]policy.Platform{factsWS2019()}, 1,
		},
		"a Windows entry takes nothing from a Linux configuration": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(v1.Platform{OS: "linux", OSVersion: "6.1"}), silent()))
			},
			[]policy.Platform{factsUnknown()}, 1,
		},
		"a single manifest is read from its configuration": {
			func(f *fake) v1.Descriptor { return f.image(ws2022()) },
			[]policy.Platform{factsWS2022()}, 1,
		},
		"a single manifest without version has an empty one": {
			func(f *fake) v1.Descriptor { return f.image(silent()) },
			[]policy.Platform{factsUnknown()}, 1,
		},
		"unknown/unknown entries are left out": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(linux()), ws2022()), as(f.image(linux()), v1.Platform{OS: "unknown", Architecture: "unknown"}))
			},
			[]policy.Platform{factsWS2022()}, 0,
		},
		"annotated attestations are left out, though they have a platform": {
			func(f *fake) v1.Descriptor {
				attestation := as(f.image(linux()), linux())
				attestation.Annotations = map[string]string{attestationAnnotation: "attestation-manifest"}
				return f.index(as(f.image(linux()), ws2022()), attestation)
			},
			[]policy.Platform{factsWS2022()}, 0,
		},
		"artifacts without platform are left out": {
			func(f *fake) v1.Descriptor {
				chart := f.put("manifests", types.OCIManifestSchema1, map[string]any{
					"schemaVersion": 2, "config": f.put("blobs", "application/vnd.cncf.helm.config.v1+json", "{}"),
				})
				sbom := f.image(linux())
				sbom.ArtifactType = "application/spdx+json"
				layer := f.put("blobs", types.OCILayer, "")
				return f.index(chart, sbom, layer, as(f.image(linux()), ws2022()))
			},
			[]policy.Platform{factsWS2022()}, 0,
		},
		"an index inside an index is flattened in order": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(linux()), linux()), f.index(as(f.image(ws2019()), ws2019()), f.index(f.image(ws2022()))), as(f.image(silent()), silent()))
			},
			[]policy.Platform{factsLinux(), factsWS2019(), factsWS2022(), factsUnknown()}, 2,
		},
		"an index that appears twice counts once": {
			func(f *fake) v1.Descriptor {
				inner := f.index(as(f.image(ws2019()), ws2019()))
				return f.index(inner, inner, f.index(inner))
			},
			[]policy.Platform{factsWS2019()}, 0,
		},
		"Docker's manifest list and schema 2 are read alike": {
			func(f *fake) v1.Descriptor {
				manifest := f.put("manifests", types.DockerManifestSchema2, map[string]any{
					"schemaVersion": 2, "mediaType": types.DockerManifestSchema2, "config": f.put("blobs", types.DockerConfigJSON, ws2022()),
				})
				return f.put("manifests", types.DockerManifestList, map[string]any{
					"schemaVersion": 2, "mediaType": types.DockerManifestList, "manifests": []v1.Descriptor{as(manifest, silent())},
				})
			},
			[]policy.Platform{factsWS2022()}, 1,
		},
		"names are normalised": {
			func(f *fake) v1.Descriptor {
				return f.index(as(f.image(linux()), v1.Platform{OS: "Windows", Architecture: "x86_64", OSVersion: "10.0.20348.2700"}))
			},
			[]policy.Platform{factsWS2022()}, 0,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			top := test.build(f)
			f.tag(top)
			got, err := f.lookup(t)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got.Platforms, cmpopts.IgnoreFields(policy.Platform{}, "Digest")); diff != "" {
				t.Error(diff)
			}
			if got.Digest != top.Digest.String() || got.Index != top.MediaType.IsIndex() {
				t.Errorf("digest %s, index %v", got.Digest, got.Index)
			}
			for _, platform := range got.Platforms {
				if !isDigest(platform.Digest) {
					t.Errorf("platform digest %q", platform.Digest)
				}
			}
			if n := f.count("GET /v2/app/blobs/"); n != test.blobs {
				t.Errorf("%d configurations were read, want %d", n, test.blobs)
			}
		})
	}
}

func TestMalformed(t *testing.T) {
	for sentence, test := range map[string]struct {
		build func(f *fake) v1.Descriptor
		words string
	}{
		"a manifest that is no JSON": {
			func(f *fake) v1.Descriptor { return f.put("manifests", types.OCIManifestSchema1, []byte("<html>")) }, "not valid JSON",
		},
		"an empty object": {
			func(f *fake) v1.Descriptor { return f.put("manifests", types.OCIManifestSchema1, []byte("{}")) }, "neither an image manifest nor an index",
		},
		"schema 1": {
			func(f *fake) v1.Descriptor {
				return f.put("manifests", types.DockerManifestSchema1Signed, []byte(`{"schemaVersion":1,"fsLayers":[]}`))
			}, "schema 1, which container runtimes no longer pull",
		},
		"a manifest that is also an index": {
			func(f *fake) v1.Descriptor {
				return f.put("manifests", types.OCIImageIndex, []byte(`{"schemaVersion":2,"manifests":[],"layers":[]}`))
			}, "an index and a single image at once",
		},
		"an index without images": {
			func(f *fake) v1.Descriptor { return f.index() }, "lists no container image",
		},
		"an entry without digest": {
			func(f *fake) v1.Descriptor {
				return f.put("manifests", types.OCIImageIndex, []byte(`{"schemaVersion":2,"manifests":[null]}`))
			}, "without a sha256 digest",
		},
		"a chart": {
			func(f *fake) v1.Descriptor {
				return f.put("manifests", types.OCIManifestSchema1, map[string]any{
					"schemaVersion": 2, "config": f.put("blobs", "application/vnd.cncf.helm.config.v1+json", "{}"),
				})
			}, "an artifact, not a container image",
		},
		"a configuration without operating system": {
			func(f *fake) v1.Descriptor { return f.image(v1.Platform{Architecture: "amd64"}) }, "which operating system",
		},
		"more than 256 entries": {
			func(f *fake) v1.Descriptor {
				entry := as(f.image(linux()), linux())
				entries := make([]v1.Descriptor, maxEntries+1)
				for i := range entries {
					entries[i] = entry
				}
				return f.index(entries...)
			}, "more than 256 entries",
		},
		"indexes nested four deep": {
			func(f *fake) v1.Descriptor { return f.index(f.index(f.index(f.index(as(f.image(linux()), linux()))))) }, "nested more than 3 deep",
		},
		"an index in place of an image": {
			func(f *fake) v1.Descriptor {
				inner := f.index()
				inner.MediaType = types.OCIManifestSchema1
				return f.index(inner)
			}, "claims to be an image",
		},
		"an image in place of an index": {
			func(f *fake) v1.Descriptor {
				inner := f.image(linux())
				inner.MediaType = types.OCIImageIndex
				return f.index(inner)
			}, "claims to be an index",
		},
		"an os.version too long to keep": {
			func(f *fake) v1.Descriptor { return f.image(windows(string(make([]byte, 1<<10)))) }, "no readable text",
		},
		"a thousand os.features": {
			func(f *fake) v1.Descriptor { return f.image(windows("10.0.1", make([]string, 1000)...)) }, "os.features",
		},
		"an image that takes more than 64 requests": {
			func(f *fake) v1.Descriptor {
				var entries []v1.Descriptor
				for range maxRequests {
					entries = append(entries, f.image(silent()))
				}
				return f.index(entries...)
			}, "more than 64 requests",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := newFake(t)
			f.tag(test.build(f))
			_, err := f.lookup(t)
			wantProblem(t, err, policy.ImageMalformed, test.words, "asked for app:1")
		})
	}
}

func TestAChildThatCannotBeReadIsAProblemAndNotALinuxImage(t *testing.T) {
	f := newFake(t)
	lost := f.image(ws2022())
	delete(f.documents, "manifests/"+lost.Digest.String())
	f.tag(f.index(as(f.image(linux()), linux()), as(lost, silent())))
	_, err := f.lookup(t)
	wantProblem(t, err, policy.ImageNotFound, "404 Not Found")
}
