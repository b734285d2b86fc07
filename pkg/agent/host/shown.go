package host

import "strings"

// AboutContainers tells a service that has to do with containers and Kubernetes by its name: whoever installs such a
// service names it after what it runs.
func AboutContainers(service string) bool {
	service = strings.ToLower(service)
	switch service {
	case "hns", "vmcompute", "csi-proxy", "windows_exporter", "azure-cloud-node-manager", "hybrid-overlay-node":
		return true
	}
	for _, part := range []string{
		"kube", "containerd", "docker", "cri-o", "mirantis", "calico", "flannel", "antrea", "cilium", "rke2", "k3s", "mullion",
	} {
		if strings.Contains(service, part) {
			return true
		}
	}
	return false
}

// ProgramOf is the program of a command line, which is what facts show of it: arguments may have secrets in them. One
// that has spaces and is not quoted ends where its name does.
func ProgramOf(commandLine string) string {
	if rest, quoted := strings.CutPrefix(commandLine, `"`); quoted {
		if program, _, ended := strings.Cut(rest, `"`); ended {
			return program
		}
		commandLine = rest
	}
	const extension = ".exe"
	if at := strings.Index(strings.ToLower(commandLine), extension+" "); at >= 0 {
		return commandLine[:at+len(extension)]
	}
	if strings.HasSuffix(strings.ToLower(commandLine), extension) {
		return commandLine
	}
	program, _, _ := strings.Cut(commandLine, " ")
	return program
}
