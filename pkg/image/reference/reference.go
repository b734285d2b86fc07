// Package reference reads image references the way kubelet and containerd do.
package reference

import (
	"fmt"
	"strings"

	"github.com/distribution/reference"
	"github.com/opencontainers/go-digest"
)

// maxLength bounds what is handed to the parser, in bytes. The longest reference that the grammar allows
// is shorter: a name of 255, a tag of 128 and a digest of 135 characters.
const maxLength = 1024

// Reference is a parsed image reference with every default filled in. The zero value names nothing.
// References are comparable.
type Reference struct {
	registry   string
	repository string
	tag        string
	digest     string
}

// Parse reads an image reference as a pod spells it: "nginx" is docker.io/library/nginx:latest, and
// "name:tag@sha256:…" is the digest alone, since that is what is pulled.
//
// The grammar is that of github.com/distribution/reference, which kubelet and containerd use; what it
// refuses could not be pulled either. Digests other than sha256 are refused too: no registry is known to
// serve images by another one.
func Parse(raw string) (Reference, error) {
	if len(raw) > maxLength {
		return Reference{}, fmt.Errorf("image reference %q… is longer than %d characters", raw[:64], maxLength)
	}
	named, err := reference.ParseDockerRef(raw)
	if err != nil {
		return Reference{}, fmt.Errorf("image reference %q: %w", raw, explain(raw, err))
	}
	if hasUpperCaseName(raw) {
		// The grammar takes the "Team" of "Team/app" for a host because of its capital letter.
		return Reference{}, fmt.Errorf("image reference %q: %w", raw, errUppercase)
	}
	parsed := Reference{
		registry:   strings.ToLower(reference.Domain(named)),
		repository: reference.Path(named),
	}
	switch named := named.(type) {
	case reference.Digested:
		if named.Digest().Algorithm() != digest.SHA256 {
			return Reference{}, fmt.Errorf("image reference %q: %w", raw, errAlgorithm)
		}
		parsed.digest = named.Digest().String()
	case reference.Tagged:
		parsed.tag = named.Tag()
	}
	return parsed, nil
}

// Registry is the host that serves the image, with its port if the reference names one: "docker.io",
// "registry.example.com:5000". Always lower case.
func (r Reference) Registry() string { return r.registry }

// Repository is the image's path on its registry: "library/nginx".
func (r Reference) Repository() string { return r.repository }

// Digest is the digest that the reference pins, or "".
func (r Reference) Digest() string { return r.digest }

// Floating tells that the reference names a tag, so that its image may change.
func (r Reference) Floating() bool { return r.digest == "" }

// Identifier is what a registry is asked for: the digest, or the tag.
func (r Reference) Identifier() string {
	if r.digest != "" {
		return r.digest
	}
	return r.tag
}

// Name is the reference without tag and digest: "docker.io/library/nginx".
func (r Reference) Name() string { return r.registry + "/" + r.repository }

// Short is the reference as it reads best next to its registry's name: "library/nginx:latest".
func (r Reference) Short() string { return r.repository + r.suffix() }

// String is the canonical spelling. Two references to the same thing have the same.
func (r Reference) String() string { return r.registry + "/" + r.repository + r.suffix() }

func (r Reference) suffix() string {
	if r.digest != "" {
		return "@" + r.digest
	}
	return ":" + r.tag
}
