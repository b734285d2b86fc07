package policy

// Release is one published Windows release that containers are built for or run on.
type Release struct {
	// Name is the name in words.
	Name string
	// Number is the build number; major and minor are 10.0 for all of them.
	Number uint32
	// Tags are the tags of Microsoft's base images for this build, the preferred one first. A release
	// without tags has no base images of its own.
	Tags []string
	// LongTerm tells that this is a release of the long-term servicing channel.
	LongTerm bool
	// ExactRevision tells that an image runs only on a host of the very same revision, beside the build.
	ExactRevision bool
}

// Build is the release's build.
func (r Release) Build() Build { return Build{Major: 10, Minor: 0, Number: r.Number} }

// releases is the built-in table, oldest first.
//
// Source: https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/base-image-lifecycle
// and https://learn.microsoft.com/windows/release-health/windows-server-release-info.
func releases() []Release {
	return []Release{
		{Name: "Windows Server 2016", Number: 14393, Tags: []string{"ltsc2016"}, LongTerm: true, ExactRevision: true},
		{Name: "Windows Server, version 1709", Number: 16299, Tags: []string{"1709"}},
		{Name: "Windows Server, version 1803", Number: 17134, Tags: []string{"1803"}},
		{Name: "Windows Server 2019", Number: 17763, Tags: []string{"ltsc2019", "1809"}, LongTerm: true},
		{Name: "Windows Server, version 1903", Number: 18362, Tags: []string{"1903"}},
		{Name: "Windows Server, version 1909", Number: 18363, Tags: []string{"1909"}},
		{Name: "Windows Server, version 2004", Number: 19041, Tags: []string{"2004"}},
		{Name: "Windows Server, version 20H2", Number: 19042, Tags: []string{"20H2"}},
		{Name: "Windows Server 2022", Number: 20348, Tags: []string{"ltsc2022"}, LongTerm: true},
		{Name: "Windows Server, version 23H2", Number: 25398},
		{Name: "Windows Server 2025", Number: 26100, Tags: []string{"ltsc2025"}, LongTerm: true},
	}
}

// Releases are the published Windows releases that containers are built for or run on, oldest first.
func Releases() []Release { return releases() }

// LookupRelease finds the release of a build. Client builds and builds newer than this table are not in it.
func LookupRelease(b Build) (Release, bool) {
	for _, release := range releases() {
		if release.Build() == b {
			return release, true
		}
	}
	return Release{}, false
}

// Describe is the build for a person: with the release's name where it is known, such as
// "10.0.20348 (Windows Server 2022)".
func (b Build) Describe() string {
	if release, ok := LookupRelease(b); ok {
		return b.String() + " (" + release.Name + ")"
	}
	return b.String()
}

// BaseTag is the preferred tag of the base images for this build, such as "ltsc2022", or empty.
func (b Build) BaseTag() string {
	if release, ok := LookupRelease(b); ok && len(release.Tags) > 0 {
		return release.Tags[0]
	}
	return ""
}
