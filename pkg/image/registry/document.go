package registry

import (
	"encoding/json"
	"mime"
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// acceptManifests are the kinds of manifest that are asked for. Schema 1 is not: where a registry sends it
// all the same, it has nothing else.
func acceptManifests() []string {
	return []string{
		string(types.OCIImageIndex),
		string(types.DockerManifestList),
		string(types.OCIManifestSchema1),
		string(types.DockerManifestSchema2),
	}
}

// document is a manifest or an index.
type document struct {
	digest string
	// index tells which of the two it is, and so which of the next two fields counts.
	index   bool
	entries []v1.Descriptor
	config  v1.Descriptor
}

// parseDocument reads a manifest or an index of either OCI or Docker. Its own mediaType says which it is,
// or else the Content-Type, or else its fields.
func parseDocument(body []byte, contentType, digest string) (*document, error) {
	var raw struct {
		SchemaVersion int               `json:"schemaVersion"`
		MediaType     types.MediaType   `json:"mediaType"`
		Manifests     *[]v1.Descriptor  `json:"manifests"`
		Config        *v1.Descriptor    `json:"config"`
		Layers        *json.RawMessage  `json:"layers"`
		FSLayers      []json.RawMessage `json:"fsLayers"`
	}
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, malformed("its manifest is not valid JSON, or its fields have other types than the specification says")
	}
	mediaType := raw.MediaType
	if mediaType == "" {
		if parsed, _, err := mime.ParseMediaType(contentType); err == nil {
			mediaType = types.MediaType(parsed)
		}
	}
	switch {
	case mediaType.IsSchema1() || raw.SchemaVersion == 1 || raw.FSLayers != nil:
		return nil, malformed("its manifest is of Docker's schema 1, which container runtimes no longer pull; push the image again with a current tool")
	case raw.Manifests != nil && (raw.Config != nil || raw.Layers != nil):
		// Read one way by one client and otherwise by the next, CVE-2021-41190.
		return nil, malformed("its manifest claims to be an index and a single image at once")
	case raw.Manifests != nil && !mediaType.IsImage():
		return &document{digest: digest, index: true, entries: *raw.Manifests}, nil
	case raw.Config != nil && !mediaType.IsIndex():
		return &document{digest: digest, config: *raw.Config}, nil
	default:
		return nil, malformed("what it sent is neither an image manifest nor an index")
	}
}

// isImageConfig tells whether a manifest's configuration is that of a container image, rather than of a
// chart, a signature or another artifact that registries keep.
func isImageConfig(mediaType types.MediaType) bool {
	return mediaType == types.OCIConfigJSON || mediaType == types.DockerConfigJSON || mediaType == ""
}

// parseConfig reads the platform from an image's configuration.
// https://github.com/opencontainers/image-spec/blob/main/config.md
func parseConfig(body []byte) (v1.Platform, error) {
	var platform v1.Platform
	if err := json.Unmarshal(body, &platform); err != nil {
		return v1.Platform{}, malformed("an image configuration is not valid JSON")
	}
	return platform, nil
}

// Limits of what one platform may say of itself. It is kept in a cache, so it must be small.
const (
	maxFieldLength = 128
	maxFeatures    = 16
)

// checkPlatform refuses what no real image has.
func checkPlatform(p v1.Platform) error {
	fields := append([]string{p.OS, p.Architecture, p.OSVersion}, p.OSFeatures...)
	if len(p.OSFeatures) > maxFeatures {
		return malformed("an image has more than %d os.features", maxFeatures)
	}
	for _, field := range fields {
		if len(field) > maxFieldLength || strings.ContainsFunc(field, func(r rune) bool { return r < ' ' || r > '~' }) {
			return malformed("an image's platform is no readable text of at most %d characters", maxFieldLength)
		}
	}
	return nil
}
