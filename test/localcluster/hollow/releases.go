package hollow

import (
	"strconv"
	"strings"
)

// release is what a node's status shows of a Windows release.
type release struct {
	osImage  string // The registry's ProductName.
	revision int    // The update build revision of September 2024's updates.
}

// releases are keyed by the three-part build, which is also the value of node.kubernetes.io/windows-build.
// Source: https://learn.microsoft.com/windows/release-health/windows-server-release-info
func releases() map[string]release {
	return map[string]release{
		"10.0.14393": {"Windows Server 2016 Datacenter", 7336},
		"10.0.17763": {"Windows Server 2019 Datacenter", 6293},
		"10.0.20348": {"Windows Server 2022 Datacenter", 2700},
		"10.0.25398": {"Windows Server Datacenter", 1128},
		"10.0.26100": {"Windows Server 2025 Datacenter", 1742},
	}
}

// releaseOf describes a build, which may be one that the table does not know.
func releaseOf(build string, revision int) (osImage, kernelVersion string) {
	known, ok := releases()[build]
	if !ok {
		known = release{osImage: "Windows Server Datacenter", revision: 1}
	}
	if revision == 0 {
		revision = known.revision
	}
	return known.osImage, strings.Join([]string{build, strconv.Itoa(revision)}, ".")
}
