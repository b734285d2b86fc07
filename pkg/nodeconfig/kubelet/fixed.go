package kubelet

import "github.com/mullion-dev/mullion/pkg/nodeconfig/override"

// Why fields of a KubeletConfiguration stay as they are.
const (
	noCgroups  = "Windows has no cgroups"
	serverCert = "the serving certificate comes from the cluster and is rotated"
)

// fixed are the fields that an override must not touch. Those that Windows does not have are from
// https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/ and from the kubelet's own validation on
// Windows, https://github.com/kubernetes/kubernetes/blob/master/pkg/kubelet/apis/config/validation/validation_windows.go.
func fixed() []override.Rule {
	var rules []override.Rule
	for _, of := range []struct {
		reason string
		fields []string
	}{
		{"the kind of the file is not a matter of configuration", []string{"apiVersion", "kind"}},
		{noCgroups, []string{
			"cgroupDriver", "cgroupRoot", "cgroupsPerQOS", "failCgroupV1", "kubeReservedCgroup", "kubeletCgroups",
			"systemCgroups", "systemReservedCgroup",
		}},
		{"on Windows there is nothing to enforce it with; the kubelet accepts none alone", []string{"enforceNodeAllocatable"}},
		{"Windows has no such file", []string{"resolvConf"}},
		{"the kubelet does not start with it on Windows", []string{"singleProcessOOMKill", "userNamespaces"}},
		{"it is where containerd listens", []string{"containerRuntimeEndpoint", "imageServiceEndpoint"}},
		{serverCert, []string{"serverTLSBootstrap", "tlsCertFile", "tlsPrivateKeyFile"}},
		{"without rotation the node is lost when its certificate ends", []string{"rotateCertificates"}},
		{"use spec.taints", []string{"registerWithTaints"}},
		{"the firewall and the node manager go by port 10250", []string{"port"}},
	} {
		for _, name := range of.fields {
			rules = append(rules, override.Rule{Path: []string{name}, Reason: of.reason})
		}
	}
	return append(rules, override.Rule{
		Path:   []string{"authentication", "x509", "clientCAFile"},
		Reason: "the authority of kubelets' clients is written to this file",
	})
}
