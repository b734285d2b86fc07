package kubelet

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/override"
)

// Port is where the kubelet serves. The firewall is opened for it.
const Port = 10250

// Options are what a KubeletConfiguration depends on. Paths have drive letters: the kubelet would take them as of
// the drive that it happens to run on.
type Options struct {
	// RuntimeEndpoint is a named pipe, such as npipe://./pipe/containerd-containerd.
	RuntimeEndpoint string
	// ClientCAFile has the authorities that API servers' client certificates are from.
	ClientCAFile    string
	VolumePluginDir string
	PodLogsDir      string
	ClusterDNS      []string
	ClusterDomain   string
	Taints          []corev1.Taint
	// Override is merged into the result; Field is its path in the object it comes from.
	Override *runtime.RawExtension
	Field    *field.Path
}

// Configuration renders the KubeletConfiguration.
func Configuration(o Options) ([]byte, field.ErrorList) {
	base := map[string]any{
		"apiVersion": kubeletv1beta1.SchemeGroupVersion.String(),
		"kind":       "KubeletConfiguration",
		"authentication": map[string]any{
			"anonymous": map[string]any{"enabled": false},
			"webhook":   map[string]any{"enabled": true},
			"x509":      map[string]any{"clientCAFile": o.ClientCAFile},
		},
		"authorization":            map[string]any{"mode": "Webhook"},
		"cgroupsPerQOS":            false,
		"clusterDNS":               document.Strings(o.ClusterDNS),
		"clusterDomain":            o.ClusterDomain,
		"containerRuntimeEndpoint": o.RuntimeEndpoint,
		"enforceNodeAllocatable":   []any{"none"},
		"podLogsDir":               o.PodLogsDir,
		"resolvConf":               "",
		"rotateCertificates":       true,
		"serverTLSBootstrap":       true,
		"volumePluginDir":          o.VolumePluginDir,
	}
	if len(o.Taints) > 0 {
		base["registerWithTaints"] = taints(o.Taints)
	}
	merged, problems := override.Apply(base, o.Override, fixed(), o.Field)
	if problems != nil {
		return nil, problems
	}
	rendered, err := document.JSON(merged)
	if err != nil {
		return nil, field.ErrorList{field.InternalError(o.Field, err)}
	}
	var typed kubeletv1beta1.KubeletConfiguration
	return rendered, override.Strict(rendered, &typed, o.Field)
}

func taints(all []corev1.Taint) []any {
	list := make([]any, 0, len(all))
	for i := range all {
		taint := map[string]any{"key": all[i].Key, "effect": string(all[i].Effect)}
		if all[i].Value != "" {
			taint["value"] = all[i].Value
		}
		list = append(list, taint)
	}
	return list
}
