package scriptedhosts

import (
	"context"
	"fmt"
	"maps"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// isReady tells whether the kubelet says that its node is Ready.
func (k *kubelet) isReady() bool {
	unready := k.host.fleet.options.Unready
	return k.host.ailment() != Unready && (unready == nil || !unready(k.version))
}

// node is what the kubelet registers.
func (k *kubelet) node(ctx context.Context) *corev1.Node {
	h := k.host
	facts, _ := h.Machine.Host().System.Facts(ctx, nil) // Without them it is a node of nothing, which is seen.
	labels := map[string]string{
		corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelHostname: k.name,
		corev1.LabelWindowsBuild: facts.Build,
	}
	maps.Copy(labels, k.labels)
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: k.name, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: k.configuration.RegisterWithTaints},
		Status: corev1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: k.address.String()}, {Type: corev1.NodeHostName, Address: k.name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10250}},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: "windows", Architecture: "amd64", BootID: facts.BootID, MachineID: k.name, SystemUUID: k.name,
				KernelVersion: fmt.Sprintf("%s.%d", facts.Build, facts.UBR), OSImage: "Windows Server",
				KubeletVersion: k.version, ContainerRuntimeVersion: "containerd://2.3.0",
			},
		},
	}
}
