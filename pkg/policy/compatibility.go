package policy

import "github.com/mullion-dev/mullion/api/v1alpha1"

// stableABI lists the long-term releases since Windows Server 2022, oldest first. From the first of them
// on, the interface between kernel and containers is stable: a host also runs the images of the builds down
// to the long-term release before its own.
//
// Source: https://github.com/containerd/platforms, platform_windows_compat.go (v1.0), and
// https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility.
func stableABI() []uint32 { return []uint32{20348, 26100} }

// Compatibility answers which image builds run on which host builds. The zero value holds the built-in rule.
// It is immutable after construction and safe for concurrent use.
type Compatibility struct {
	overrides map[Build]imageRange
}

// imageRange is the image builds from oldest to newest that run on a host, both included.
type imageRange struct {
	oldest, newest Build
}

func (r imageRange) contains(image Build) bool {
	return image.Major == r.oldest.Major && image.Minor == r.oldest.Minor &&
		r.oldest.Number <= image.Number && image.Number <= r.newest.Number
}

// NewCompatibility is the built-in rule with the overrides of a policy.
func NewCompatibility(rules []v1alpha1.CompatibilityRule) (Compatibility, error) {
	overrides := make(map[Build]imageRange, len(rules))
	for _, rule := range rules {
		host, err := ParseBuild(rule.HostBuild)
		if err != nil {
			return Compatibility{}, err
		}
		oldest, err := ParseBuild(rule.MinImageBuild)
		if err != nil {
			return Compatibility{}, err
		}
		newest, err := ParseBuild(rule.MaxImageBuild)
		if err != nil {
			return Compatibility{}, err
		}
		overrides[host] = imageRange{oldest, newest}
	}
	return Compatibility{overrides}, nil
}

// Runs tells whether an image built for one build can run on a host of another.
//
// With process isolation the builds must be equal before Windows Server 2022; since then a host also runs
// images down to the long-term release before its own. With Hyper-V isolation any image that is not newer
// than the host runs. Revisions are not compared; see [Release.ExactRevision] for the one exception.
func (c Compatibility) Runs(host, image Build, isolation v1alpha1.Isolation) bool {
	if host.Major != image.Major || host.Minor != image.Minor {
		return false
	}
	if isolation == v1alpha1.IsolationHyperV {
		return image.Number <= host.Number
	}
	return c.processRange(host).contains(image)
}

// processRange is the image builds that run on a host with process isolation.
func (c Compatibility) processRange(host Build) imageRange {
	if r, ok := c.overrides[host]; ok {
		return r
	}
	stable := stableABI()
	if host.Number < stable[0] {
		return imageRange{oldest: host, newest: host}
	}
	// The host's own long-term release is the newest that is not newer than the host; the images reach
	// down to the one before it, or to the first.
	oldest := stable[0]
	for i, release := range stable {
		if release <= host.Number && i > 0 {
			oldest = stable[i-1]
		}
	}
	return imageRange{oldest: Build{host.Major, host.Minor, oldest}, newest: host}
}

// KnownImageBuilds are the builds of the built-in table that have base images and run on the host,
// oldest first.
func (c Compatibility) KnownImageBuilds(host Build, isolation v1alpha1.Isolation) []Build {
	var builds []Build
	for _, release := range releases() {
		if len(release.Tags) > 0 && c.Runs(host, release.Build(), isolation) {
			builds = append(builds, release.Build())
		}
	}
	return builds
}
