package hollow

import (
	"errors"
	"maps"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// NodeSpec describes a node to add to a fleet.
type NodeSpec struct {
	// Name of the Node object.
	Name string
	// Build is the three-part Windows version, for example "10.0.20348". Empty means a Linux node.
	Build string
	// Revision is the fourth part; 0 means a plausible one.
	Revision int
	// Labels are added to those that kubelet sets, and override them.
	Labels map[string]string
	// Taints are the node's own, beside those of the control plane.
	Taints []corev1.Taint
	// Capacity overrides single resources of a node of 4 CPUs, 16 GiB and 110 pods.
	Capacity corev1.ResourceList
}

// conditions are what the node reports of its health as of now.
func (s NodeSpec) conditions(ready bool, now time.Time) []corev1.NodeCondition {
	at := metav1.NewTime(now)
	condition := func(t corev1.NodeConditionType, status corev1.ConditionStatus, reason, message string) corev1.NodeCondition {
		return corev1.NodeCondition{
			Type: t, Status: status, Reason: reason, Message: message, LastHeartbeatTime: at, LastTransitionTime: at,
		}
	}
	readiness := condition(corev1.NodeReady, corev1.ConditionTrue, "KubeletReady", "kubelet is posting ready status")
	if !ready {
		readiness = condition(corev1.NodeReady, corev1.ConditionFalse, "KubeletNotReady", "container runtime network not ready")
	}
	return []corev1.NodeCondition{
		condition(corev1.NodeMemoryPressure, corev1.ConditionFalse, "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
		condition(corev1.NodeDiskPressure, corev1.ConditionFalse, "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
		condition(corev1.NodePIDPressure, corev1.ConditionFalse, "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
		readiness,
	}
}

// node makes the object that a kubelet would register.
func (s NodeSpec) node(address string, now time.Time) *corev1.Node {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("4"),
		corev1.ResourceMemory:           resource.MustParse("16Gi"),
		corev1.ResourcePods:             resource.MustParse("110"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	maps.Copy(capacity, s.Capacity)
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: s.Name, Labels: s.labels()},
		Spec:       corev1.NodeSpec{Taints: s.Taints},
		Status: corev1.NodeStatus{
			Capacity:    capacity,
			Allocatable: capacity.DeepCopy(),
			Conditions:  s.conditions(true, now),
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: address},
				{Type: corev1.NodeHostName, Address: s.Name},
			},
			NodeInfo: s.nodeInfo(),
		},
	}
}

func (s NodeSpec) labels() map[string]string {
	labels := map[string]string{
		corev1.LabelOSStable:   string(s.os()),
		corev1.LabelArchStable: "amd64",
		corev1.LabelHostname:   s.Name,
	}
	if s.Build != "" {
		labels[corev1.LabelWindowsBuild] = s.Build
	}
	maps.Copy(labels, s.Labels)
	return labels
}

func (s NodeSpec) os() corev1.OSName {
	if s.Build == "" {
		return corev1.Linux
	}
	return corev1.Windows
}

func (s NodeSpec) nodeInfo() corev1.NodeSystemInfo {
	info := corev1.NodeSystemInfo{
		OperatingSystem:         string(s.os()),
		Architecture:            "amd64",
		OSImage:                 "Debian GNU/Linux 13 (trixie)",
		KernelVersion:           "6.12.48+deb13-amd64",
		ContainerRuntimeVersion: "containerd://2.1.6",
		KubeletVersion:          "v1.36.3",
		MachineID:               s.Name,
		SystemUUID:              s.Name,
		BootID:                  s.Name,
	}
	if s.Build != "" {
		info.OSImage, info.KernelVersion = releaseOf(s.Build, s.Revision)
	}
	return info
}

func (s NodeSpec) validate() error {
	if s.Name == "" {
		return errors.New("adding a hollow node: it needs a name")
	}
	return nil
}
