package nodeconfig

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// defaultKeepVersions is what the API defaults to, for objects that no API server has defaulted.
const defaultKeepVersions = 1

// buildVersion places the bundle's files, and checks that its kubelet may join the cluster.
func (b *builder) buildVersion() {
	name := strings.TrimPrefix(b.programs.Digest, "sha256:")[:versionDigits]
	b.directory = versionsRoot.Join(name)
	keep := defaultKeepVersions
	if b.spec.Host.KeepVersions != nil {
		keep = int(*b.spec.Host.KeepVersions)
	}
	b.desired.Versions = &state.Versions{Root: versionsRoot, Current: name, Keep: keep}
	b.desired.Directories = append(b.desired.Directories,
		// Services run as the system from below this directory: nobody else may write there.
		state.Directory{Path: root, Access: state.AccessAdministrators})
	for _, file := range b.programs.Manifest.Files {
		b.desired.Files = append(b.desired.Files, state.File{
			Path: b.installed(file.Path), SHA256: file.SHA256, Size: file.Size,
		})
	}
	b.checkBundle()
	b.checkVersion()
}

// checkBundle refuses a bundle that is not the one which the configuration names.
func (b *builder) checkBundle() {
	if _, digest, _ := strings.Cut(b.spec.Bundle.Image, "@"); digest != b.programs.Digest {
		b.wrong(field.Invalid(specPath("bundle", "image"), b.spec.Bundle.Image, fmt.Sprintf(
			"has to be a reference by digest, and the bundle at hand is %s", b.programs.Digest)))
	}
}

func (b *builder) checkVersion() {
	fld := specPath("kubernetesVersion")
	parsed, err := version.ParseSemantic(b.spec.KubernetesVersion)
	if err != nil {
		// Whatever depends on the version goes by the cluster's, so that other problems are told at once.
		b.version = b.cluster.ServerVersion
		b.wrong(field.Invalid(fld, b.spec.KubernetesVersion, err.Error()))
		return
	}
	b.version = parsed
	if err := CheckSkew(parsed, b.cluster.ServerVersion); err != nil {
		b.wrong(field.Invalid(fld, b.spec.KubernetesVersion, err.Error()))
	}
	needed := []string{kubeletProgram}
	if b.spec.KubeProxy.Deployment != v1alpha1.KubeProxyNone {
		needed = append(needed, kubeProxyProgram)
	}
	for _, program := range needed {
		if file, found := b.programs.Manifest.Find(program); found && file.Version != b.spec.KubernetesVersion {
			b.wrong(field.Invalid(fld, b.spec.KubernetesVersion, fmt.Sprintf("the bundle's %s is %s", program, file.Version)))
		}
	}
}
