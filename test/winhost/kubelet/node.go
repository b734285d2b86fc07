package main

import (
	"maps"
	"runtime"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
)

// facts are what the registry says of the computer.
type facts struct {
	build         string // Three parts; empty on Linux.
	kernelVersion string
	osImage       string
	machineID     string
	bootID        string
	// version is the kubelet's own.
	version string
}

// node is what the kubelet registers.
func (o *options) node(f facts, c *kubeletv1beta1.KubeletConfiguration) *corev1.Node {
	labels := map[string]string{
		corev1.LabelOSStable: runtime.GOOS, corev1.LabelArchStable: runtime.GOARCH, corev1.LabelHostname: o.nodeName,
	}
	if f.build != "" {
		labels[corev1.LabelWindowsBuild] = f.build
	}
	maps.Copy(labels, o.labels)
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: o.nodeName, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: c.RegisterWithTaints},
		Status: corev1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: o.nodeIP}, {Type: corev1.NodeHostName, Address: o.nodeName},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: c.Port}},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: runtime.GOOS, Architecture: runtime.GOARCH, KernelVersion: f.kernelVersion, OSImage: f.osImage,
				MachineID: f.machineID, SystemUUID: f.machineID, BootID: f.bootID,
				KubeletVersion: f.version, ContainerRuntimeVersion: "containerd://2.1.6",
			},
		},
	}
}
