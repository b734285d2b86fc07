package nodebundle

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Config is a configuration by which a test host becomes a node of the local cluster: everything that can be had
// there, on a network that brings nothing.
func Config(name, bundle, version string) *v1alpha1.WindowsNodeConfig {
	if version == "" {
		version = DefaultVersion
	}
	return &v1alpha1.WindowsNodeConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: v1alpha1.SchemeGroupVersion.String(), Kind: "WindowsNodeConfig"},
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: v1alpha1.WindowsNodeConfigSpec{
			KubernetesVersion: version,
			Bundle:            v1alpha1.BundleReference{Image: bundle},
			Network: v1alpha1.NodeNetwork{
				Provider: v1alpha1.NetworkExternal,
				// Each host has a loopback address of its own, and no other.
				NodeCIDR: "127.0.0.0/8",
				External: &v1alpha1.ExternalNetworkSpec{NetworkName: "test"},
			},
			Taints:   []corev1.Taint{{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}},
			CSIProxy: &v1alpha1.CSIProxySpec{},
			Metrics:  &v1alpha1.MetricsSpec{},
		},
	}
}
