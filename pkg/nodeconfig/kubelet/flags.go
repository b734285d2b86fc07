package kubelet

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Flags are what the kubelet is told on its command line, because its configuration file has no place for it.
type Flags struct {
	Config              string
	BootstrapKubeconfig string
	Kubeconfig          string
	CertificateDir      string
	RootDir             string
	NodeName            string
	NodeIP              string
	// Labels are those that the node registers with; see [SplitLabels].
	Labels map[string]string
	// CredentialConfig and CredentialDir are set together, or neither.
	CredentialConfig string
	CredentialDir    string
	// ExternalCloudProvider tells that a cloud controller manager initializes the node.
	ExternalCloudProvider bool
	Verbosity             int32
}

// Arguments are the command line's, in an order that never changes.
func (f Flags) Arguments() []string {
	arguments := []string{
		"--windows-service",
		// A kubelet that gets no processor loses its node; see
		// https://kubernetes.io/docs/concepts/configuration/windows-resource-management/#resource-management-cpu.
		"--windows-priorityclass=ABOVE_NORMAL_PRIORITY_CLASS",
		"--config=" + f.Config,
		"--bootstrap-kubeconfig=" + f.BootstrapKubeconfig,
		"--kubeconfig=" + f.Kubeconfig,
		"--cert-dir=" + f.CertificateDir,
		"--root-dir=" + f.RootDir,
		"--hostname-override=" + f.NodeName,
		"--node-ip=" + f.NodeIP,
	}
	if len(f.Labels) > 0 {
		arguments = append(arguments, "--node-labels="+join(f.Labels))
	}
	if f.CredentialConfig != "" {
		arguments = append(arguments,
			"--image-credential-provider-config="+f.CredentialConfig,
			"--image-credential-provider-bin-dir="+f.CredentialDir)
	}
	if f.ExternalCloudProvider {
		arguments = append(arguments, "--cloud-provider=external")
	}
	return append(arguments, fmt.Sprintf("--v=%d", f.Verbosity))
}

func join(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+"="+labels[key])
	}
	return strings.Join(pairs, ",")
}
