package registry

import (
	"strings"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/mullion-dev/mullion/pkg/policy"
)

func isWindows(os string) bool { return strings.EqualFold(os, "windows") }

// merge fills what an index entry leaves open from the image's configuration. What the entry says stands,
// since that is what container runtimes choose by. Nothing is taken from a configuration for another system.
func merge(entry, configured v1.Platform) v1.Platform {
	if entry.OS == "" {
		entry.OS = configured.OS
	}
	if !strings.EqualFold(entry.OS, configured.OS) {
		return entry
	}
	if entry.Architecture == "" {
		entry.Architecture = configured.Architecture
	}
	if entry.OSVersion == "" {
		entry.OSVersion = configured.OSVersion
	}
	if len(entry.OSFeatures) == 0 {
		entry.OSFeatures = configured.OSFeatures
	}
	return entry
}

// toPolicy normalises a platform's names as container runtimes do.
// https://github.com/containerd/platforms/blob/main/database.go
func toPolicy(p v1.Platform, digest string) (policy.Platform, error) {
	if err := checkPlatform(p); err != nil {
		return policy.Platform{}, err
	}
	if p.OS == "" {
		return policy.Platform{}, malformed("one of its images does not say which operating system it is for")
	}
	return policy.Platform{
		OS:           strings.ToLower(p.OS),
		Architecture: architecture(p.Architecture),
		OSVersion:    p.OSVersion,
		OSFeatures:   p.OSFeatures,
		Digest:       digest,
	}, nil
}

func architecture(name string) string {
	switch name = strings.ToLower(name); name {
	case "x86_64", "x86-64":
		return "amd64"
	case "aarch64":
		return "arm64"
	case "i386":
		return "386"
	default:
		return name
	}
}
