package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// imageRules is a policy's view of images.
type imageRules struct {
	whenUnresolved     v1alpha1.UnresolvedAction
	whenVersionUnknown v1alpha1.ImageFinding
	floating           v1alpha1.ImageFinding
	exempt             []string
	registries         []string
}

func compileImages(p *v1alpha1.ImagePolicy) imageRules {
	return imageRules{
		whenUnresolved:     cmp.Or(p.WhenUnresolved, v1alpha1.UnresolvedAdmit),
		whenVersionUnknown: cmp.Or(p.WhenVersionUnknown, v1alpha1.ImageFindingAllow),
		floating:           cmp.Or(p.FloatingReferences, v1alpha1.ImageFindingAllow),
		exempt:             p.Exempt,
		registries:         p.Registries,
	}
}

// exempts tells whether the policy exempts an image from inspection.
func (r *imageRules) exempts(reference string) bool {
	if len(r.exempt) == 0 {
		return false
	}
	repository := repositoryOf(reference)
	return slices.ContainsFunc(r.exempt, func(pattern string) bool {
		if below, ok := strings.CutSuffix(pattern, "/*"); ok {
			return strings.HasPrefix(repository, repositoryOf(below)+"/")
		}
		return repository == repositoryOf(pattern)
	})
}

// mayAsk tells whether the policy lets the registry of an image be asked.
func (r *imageRules) mayAsk(reference string) bool {
	if len(r.registries) == 0 {
		return true
	}
	host := registryOf(reference)
	return slices.ContainsFunc(r.registries, func(pattern string) bool {
		if domain, ok := strings.CutPrefix(pattern, "*."); ok {
			return strings.HasSuffix(host, "."+domain)
		}
		return host == pattern
	})
}

// isFloating tells whether a reference names its image by tag only, so that what it names may change.
func isFloating(reference string) bool { return !strings.Contains(reference, "@") }

// defaultRegistry is the registry of a reference that names none.
const defaultRegistry = "docker.io"

// registryOf is the registry host of a reference.
func registryOf(reference string) string {
	registry, _ := splitReference(reference)
	return registry
}

// splitReference takes a reference apart into registry and the rest. What stands before the first slash is
// a host where it has a dot or a port, or is localhost; otherwise the reference is one of Docker Hub's.
//
// Source: https://github.com/distribution/reference, normalize.go.
func splitReference(reference string) (registry, rest string) {
	host, path, found := strings.Cut(reference, "/")
	if !found || !strings.ContainsAny(host, ".:") && host != "localhost" {
		return defaultRegistry, reference
	}
	if host == "index.docker.io" {
		host = defaultRegistry
	}
	return host, path
}

// repositoryOf is a reference without tag and digest, and with everything spelled out that Docker Hub's
// references may leave out.
func repositoryOf(reference string) string {
	registry, rest := splitReference(reference)
	path, _, _ := strings.Cut(rest, "@")
	if colon := strings.LastIndexByte(path, ':'); colon > strings.LastIndexByte(path, '/') {
		path = path[:colon]
	}
	if registry == defaultRegistry && !strings.Contains(path, "/") {
		path = "library/" + path
	}
	return registry + "/" + path
}
