package nodeconfig

import (
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// oldestBuild is Windows Server 2019, the oldest one that containerd and Kubernetes still run on.
const oldestBuild = "10.0.17763"

const (
	// maxClockSkew is beyond what tokens and fresh certificates forgive, in seconds.
	maxClockSkew = 300
	// minFree is what has to be left on a drive, in bytes: images need far more, but this is where Windows itself
	// begins to fail.
	minFree = 1 << 30
)

// buildRequirements says what has to be true of the host before it is touched.
func (b *builder) buildRequirements() {
	b.desired.Requirements = state.Requirements{
		Builds:              b.spec.Host.Builds,
		Languages:           []string{"en-US"},
		MaxClockSkewSeconds: maxClockSkew,
		MinFreeBytes:        minFree,
		// Docker's networks and containerd's are the same ones to Windows: each takes the other's for its own.
		Conflicts: []string{"docker"},
	}
	if len(b.spec.Host.Languages) > 0 {
		b.desired.Requirements.Languages = b.spec.Host.Languages
	}
	fld := specPath("host", "builds")
	build, err := version.ParseGeneric(b.host.Facts.Build)
	switch {
	case err != nil:
		b.wrong(field.Invalid(fld, b.spec.Host.Builds, fmt.Sprintf("the host's build %q is not known", b.host.Facts.Build)))
	case build.LessThan(version.MustParseGeneric(oldestBuild)):
		b.wrong(field.Invalid(fld, b.spec.Host.Builds, fmt.Sprintf("the host's build %s is older than %s, the oldest that can be a node", b.host.Facts.Build, oldestBuild)))
	case len(b.spec.Host.Builds) > 0 && !slices.Contains(b.spec.Host.Builds, b.host.Facts.Build):
		b.wrong(field.Invalid(fld, b.spec.Host.Builds, fmt.Sprintf("the host's build %s is not among them", b.host.Facts.Build)))
	}
	b.desired.Features = []state.Feature{{Name: containersFeature}}
	if b.spec.Containerd.HyperV {
		b.desired.Features = append(b.desired.Features, state.Feature{Name: hyperVFeature})
	}
}

// The names of Windows features, as DISM has them.
const (
	containersFeature = "Containers"
	hyperVFeature     = "Microsoft-Hyper-V"
)
