package validate

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// notice is a warning about one field of a pod.
type notice struct{ field, text string }

func (n notice) String() string { return n.field + ": " + n.text + "." }

// podWarnings says what a Windows pod asks for in vain.
func podWarnings(pod *workload.Pod) []string {
	var warnings []string
	for _, n := range notices(pod) {
		warnings = append(warnings, n.String())
	}
	return warnings
}

// templateWarnings says the same of a workload's template.
func templateWarnings(object *workload.Object) []string {
	var warnings []string
	for _, n := range notices(object.Template) {
		n.field = object.Field(n.field)
		warnings = append(warnings, n.String())
	}
	return warnings
}

func notices(pod *workload.Pod) []notice {
	found := append(ignoredFields(pod), hostNetwork(pod)...)
	found = append(found, volumes(pod)...)
	for c := range pod.AllContainers {
		found = append(found, containerFields(c)...)
		found = append(found, missingCommands(c)...)
	}
	return found
}

// ignoredFields are those that the API server forbids in a pod that says it is for Windows, and that Windows
// ignores in one that does not say so.
func ignoredFields(pod *workload.Pod) []notice {
	if pod.Spec.OS != nil {
		return nil
	}
	var found []notice
	for _, field := range pod.LinuxOnlyFields() {
		found = append(found, notice{field, "Windows ignores this setting"})
	}
	return found
}

func hostNetwork(pod *workload.Pod) []notice {
	var found []notice
	if pod.Spec.HostNetwork && !pod.HostProcess() {
		found = append(found, notice{"spec.hostNetwork", "Windows supports the host's network for HostProcess pods only"})
	}
	if pod.Spec.DNSPolicy == corev1.DNSClusterFirstWithHostNet {
		found = append(found, notice{"spec.dnsPolicy", "Windows does not support ClusterFirstWithHostNet"})
	}
	return found
}

// unixPaths are directories that only Unix hosts have.
func unixPaths() []string {
	return []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin"}
}

func volumes(pod *workload.Pod) []notice {
	var found []notice
	for i := range pod.Spec.Volumes {
		volume := &pod.Spec.Volumes[i]
		field := fmt.Sprintf("spec.volumes[%d]", i)
		if volume.EmptyDir != nil && volume.EmptyDir.Medium == corev1.StorageMediumMemory {
			found = append(found, notice{field + ".emptyDir.medium", "Windows keeps no volume in memory; the pod will not start"})
		}
		if volume.HostPath != nil && isUnixPath(volume.HostPath.Path) {
			found = append(found, notice{field + ".hostPath.path", fmt.Sprintf("%q is a path of Unix hosts", volume.HostPath.Path)})
		}
	}
	return found
}

func isUnixPath(path string) bool {
	for _, unix := range unixPaths() {
		if path == unix || strings.HasPrefix(path, unix+"/") {
			return true
		}
	}
	return false
}

func containerFields(c workload.ContainerRef) []notice {
	var found []notice
	if len(c.VolumeDevices) > 0 {
		found = append(found, notice{c.Field("volumeDevices"), "Windows does not support raw block devices"})
	}
	for i := range c.VolumeMounts {
		propagation := c.VolumeMounts[i].MountPropagation
		if propagation != nil && *propagation != corev1.MountPropagationNone {
			field := c.Field(fmt.Sprintf("volumeMounts[%d].mountPropagation", i))
			found = append(found, notice{field, "Windows does not support mount propagation"})
		}
	}
	for _, list := range []struct {
		field string
		names map[string]workload.Present
	}{{"resources.limits", c.Resources.Limits}, {"resources.requests", c.Resources.Requests}} {
		for name := range list.names {
			if strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) {
				found = append(found, notice{c.Field(list.field), "Windows does not support huge pages"})
				break
			}
		}
	}
	return found
}
