package nodeconfig

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/containerd"
)

// buildContainerd sets up the container runtime.
func (b *builder) buildContainerd() {
	program := b.program(containerdProgram, containerdService)
	b.program(shimProgram, containerdService) // containerd looks for it beside itself.
	b.checkContainerd()
	config, problems := containerd.Config(b.containerdOptions())
	b.wrong(problems...)
	b.file(containerdConfig, config, state.FormatText)
	b.buildMirrors()
	b.desired.Directories = append(b.desired.Directories,
		state.Directory{Path: containerdDir, Purge: true},
		state.Directory{Path: containerdPlugins, Purge: true},
		state.Directory{Path: registryConfig},
		// Whoever writes here has containerd run what he likes, as the system.
		state.Directory{Path: cniBinaries, Access: state.AccessAdministrators},
		state.Directory{Path: cniConfig, Access: state.AccessAdministrators},
	)
	log := logFile(containerdService)
	b.service(state.Service{
		Name:        containerdService,
		Description: "Container runtime of this Kubernetes node.",
		Program:     program,
		// Without a log file, a containerd that runs as a service logs nowhere.
		Arguments: []string{"--config", containerdConfig.String(), "--log-file", log.String(), "--run-service"},
		Log:       log,
		// A directory that containerd makes would be somebody else's, and stay.
		After: append(b.features(), state.Directory{Path: containerdPlugins}.ID()),
	})
}

func (b *builder) containerdOptions() containerd.Options {
	o := containerd.Options{
		Root:         containerdDir.Join("root").String(),
		State:        containerdDir.Join("state").String(),
		CNIBinaries:  []string{cniBinaries.String()},
		CNIConfig:    cniConfig.String(),
		Mirrors:      registryConfig.String(),
		SandboxImage: b.spec.Containerd.SandboxImage,
		HyperV:       b.spec.Containerd.HyperV,
		LogLevel:     string(b.spec.Containerd.LogLevel),
		Override:     b.spec.Containerd.Configuration,
		Field:        specPath("containerd", "configuration"),
	}
	if b.hasPlugins() {
		// The bundle's plugins come first: they are the ones that this configuration was tried with.
		o.CNIBinaries = append([]string{b.installed(pluginDirectory).String()}, o.CNIBinaries...)
	}
	if o.SandboxImage == "" {
		o.SandboxImage = containerd.DefaultSandboxImage
	}
	if o.LogLevel == "" {
		o.LogLevel = string(v1alpha1.ContainerdLogInfo)
	}
	return o
}

// oldestContainerd is the first that knows several directories of CNI plugins.
const oldestContainerd = "2.1.0"

// checkContainerd refuses a containerd that would not understand its configuration. Where a bundle's version is not
// one that can be compared, nothing is concluded from it.
func (b *builder) checkContainerd() {
	file, found := b.programs.Manifest.Find(containerdProgram)
	if !found {
		return
	}
	parsed, err := version.ParseGeneric(file.Version)
	if err == nil && parsed.LessThan(version.MustParseGeneric(oldestContainerd)) {
		b.wrong(field.Invalid(specPath("bundle", "image"), b.spec.Bundle.Image, fmt.Sprintf(
			"the bundle's containerd is %s; %s is the oldest that understands its configuration", file.Version, oldestContainerd)))
	}
}

func (b *builder) hasPlugins() bool {
	for _, file := range b.programs.Manifest.Files {
		if strings.HasPrefix(file.Path, pluginDirectory+"/") {
			return true
		}
	}
	return false
}

// buildMirrors writes what containerd reads anew for every image that is pulled: a change needs no restart.
func (b *builder) buildMirrors() {
	registries, problems := containerd.Mirrors(b.spec.RegistryMirrors, specPath("registryMirrors"))
	b.wrong(problems...)
	for _, registry := range registries {
		for _, file := range registry.Files {
			b.file(registryConfig.Join(registry.Directory, file.Name), file.Content, state.FormatText)
		}
	}
}

// features are those that containers need, and so is whatever runs them.
func (b *builder) features() []state.ID {
	var ids []state.ID
	for _, feature := range b.desired.Features {
		ids = append(ids, state.ID{Kind: state.KindFeature, Name: feature.Name})
	}
	return ids
}
