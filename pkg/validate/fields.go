package validate

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Reasons of findings about what is in a pod, beside those of package policy.
const (
	// ReasonUnsupported: Windows ignores a setting, or does not have what it asks for.
	ReasonUnsupported policy.Reason = "UnsupportedOnWindows"
	// ReasonMissingCommand: the image does not have the program that a container is to run.
	ReasonMissingCommand policy.Reason = "MissingCommand"
)

// unsupported is a finding about one field of a pod.
func unsupported(field, problem string) policy.Finding {
	return policy.Finding{Reason: ReasonUnsupported, Field: field, Problem: problem}
}

// fieldFindings says what a Windows pod asks for in vain.
func fieldFindings(pod *workload.Pod) []policy.Finding {
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
func ignoredFields(pod *workload.Pod) []policy.Finding {
	if pod.Spec.OS != nil {
		return nil
	}
	var found []policy.Finding
	for _, field := range pod.LinuxOnlyFields() {
		found = append(found, unsupported(field, "Windows ignores this setting"))
	}
	return found
}

func hostNetwork(pod *workload.Pod) []policy.Finding {
	var found []policy.Finding
	if pod.Spec.HostNetwork && !pod.HostProcess() {
		found = append(found, unsupported("spec.hostNetwork", "Windows supports the host's network for HostProcess pods only"))
	}
	if pod.Spec.DNSPolicy == corev1.DNSClusterFirstWithHostNet {
		found = append(found, unsupported("spec.dnsPolicy", "Windows does not support ClusterFirstWithHostNet"))
	}
	return found
}

// unixPaths are directories that only Unix hosts have.
func unixPaths() []string {
	return []string{"/proc", "/sys", "/dev", "/run", "/var/run", "/etc", "/usr", "/lib", "/lib64", "/bin", "/sbin"}
}

func volumes(pod *workload.Pod) []policy.Finding {
	var found []policy.Finding
	for i := range pod.Spec.Volumes {
		volume := &pod.Spec.Volumes[i]
		field := fmt.Sprintf("spec.volumes[%d]", i)
		if volume.EmptyDir != nil && volume.EmptyDir.Medium == corev1.StorageMediumMemory {
			found = append(found, unsupported(field+".emptyDir.medium", "Windows keeps no volume in memory; the pod will not start"))
		}
		if volume.HostPath != nil && isUnixPath(volume.HostPath.Path) {
			found = append(found, unsupported(field+".hostPath.path", fmt.Sprintf("%q is a path of Unix hosts", volume.HostPath.Path)))
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

func containerFields(c workload.ContainerRef) []policy.Finding {
	var found []policy.Finding
	if len(c.VolumeDevices) > 0 {
		found = append(found, unsupported(c.Field("volumeDevices"), "Windows does not support raw block devices"))
	}
	for i := range c.VolumeMounts {
		propagation := c.VolumeMounts[i].MountPropagation
		if propagation != nil && *propagation != corev1.MountPropagationNone {
			field := c.Field(fmt.Sprintf("volumeMounts[%d].mountPropagation", i))
			found = append(found, unsupported(field, "Windows does not support mount propagation"))
		}
	}
	for _, list := range []struct {
		field string
		names map[string]workload.Present
	}{{"resources.limits", c.Resources.Limits}, {"resources.requests", c.Resources.Requests}} {
		for name := range list.names {
			if strings.HasPrefix(name, corev1.ResourceHugePagesPrefix) {
				found = append(found, unsupported(c.Field(list.field), "Windows does not support huge pages"))
				break
			}
		}
	}
	return found
}
