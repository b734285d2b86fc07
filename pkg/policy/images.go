package policy

import (
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// imageView is one container's image as the decision sees it.
type imageView struct {
	workload.ContainerRef
	// image is what is known of the image; nil where it is exempt or unresolved.
	image *Image
	// problem says why nothing is known although it was asked for.
	problem *ImageProblem
	// builds is the set of the policy's builds on which the image runs, by index.
	builds buildSet
	// exempt tells that the policy exempts the image from inspection.
	exempt bool
	// floating tells that the image is not named by digest.
	floating bool
	// versionUnknown tells that a Windows image behind the reference does not say its version.
	versionUnknown bool
}

// buildSet is a set of a policy's builds, a bit for each by its index.
type buildSet uint32

// maxBuilds is how many builds a policy can have, because a buildSet has that many bits. The schema allows 16; a file
// that is linted without a cluster has passed no schema.
const maxBuilds = 32

func (s buildSet) has(i int) bool { return s&(1<<i) != 0 }

func allBuilds(n int) buildSet { return 1<<n - 1 }

// viewImages looks up every container's image; one without an image is not judged. It fails where a fact was not given
// that the decision needs.
func viewImages(pod *workload.Pod, rules *imageRules, facts map[string]ImageResult) ([]imageView, error) {
	views := make([]imageView, 0, len(pod.Spec.InitContainers)+len(pod.Spec.Containers)+len(pod.Spec.EphemeralContainers))
	for c := range pod.AllContainers {
		if c.Image == "" {
			continue
		}
		view := imageView{ContainerRef: c, exempt: rules.exempts(c.Image), floating: isFloating(c.Image)}
		switch {
		case view.exempt:
		case !rules.mayAsk(c.Image):
			view.problem = &ImageProblem{
				Reason:  ImageForbidden,
				Message: fmt.Sprintf("registry %s is not among those that the policy allows to be asked", registryOf(c.Image)),
			}
		default:
			result, given := facts[c.Image]
			if !given || result.Image == nil && result.Problem == nil {
				return nil, fmt.Errorf("deciding about container %q: the facts of image %q were not given", c.Name, c.Image)
			}
			view.image, view.problem = result.Image, result.Problem
		}
		views = append(views, view)
	}
	return views, nil
}

// hasWindows tells whether there is a Windows image behind the reference.
func (i *Image) hasWindows() bool {
	return slices.ContainsFunc(i.Platforms, func(p Platform) bool { return p.OS == "windows" })
}

// hasLinux tells whether there is a Linux image behind the reference.
func (i *Image) hasLinux() bool {
	return slices.ContainsFunc(i.Platforms, func(p Platform) bool { return p.OS == "linux" })
}

// WindowsBuilds are the builds that the image was built for, in index order, each once. Windows images
// that do not say their version are left out.
func (i *Image) WindowsBuilds() []Build {
	var builds []Build
	for k := range i.Platforms {
		version, ok := i.Platforms[k].windowsVersion()
		if ok && !slices.Contains(builds, version.Build) {
			builds = append(builds, version.Build)
		}
	}
	return builds
}

func (p *Platform) windowsVersion() (Version, bool) {
	if p.OS != "windows" || p.OSVersion == "" {
		return Version{}, false
	}
	version, err := ParseVersion(p.OSVersion)
	return version, err == nil
}

// assess finds out on which of the policy's builds the image runs. isolations holds the isolation with which
// the pod would run on each.
func (v *imageView) assess(p *Policy, fleet *Fleet, isolations []v1alpha1.Isolation, hostProcess bool) {
	if v.image == nil {
		v.builds = allBuilds(len(p.Builds))
		return
	}
	for k := range v.image.Platforms {
		platform := &v.image.Platforms[k]
		if platform.OS != "windows" {
			continue
		}
		version, said := platform.windowsVersion()
		v.versionUnknown = v.versionUnknown || !said
		for i := range p.Builds {
			host := p.Builds[i].Build
			if !fleet.suits(host, platform.Architecture) {
				continue
			}
			// Processes of the host need no kernel of their image's build, and an image that is silent about
			// its version may run anywhere.
			if hostProcess || !said || p.runs(fleet, &p.Builds[i], version, v.image.Index, isolations[i]) {
				v.builds |= 1 << i
			}
		}
	}
}

// runs tells whether an image of a version runs on hosts of a build.
func (p *Policy) runs(fleet *Fleet, host *PolicyBuild, image Version, index bool, isolation v1alpha1.Isolation) bool {
	// What is pulled from an index is chosen for the host's own version even where the pod is then isolated
	// by a hypervisor; only a single manifest is pulled regardless of its version.
	if isolation == v1alpha1.IsolationHyperV && index {
		isolation = v1alpha1.IsolationProcess
	}
	if !p.Compatibility.Runs(host.Build, image.Build, isolation) {
		return false
	}
	if !host.exactRevision || isolation == v1alpha1.IsolationHyperV || image.Revision == 0 {
		return true
	}
	return fleet.hasRevision(host.Build, image.Revision)
}
