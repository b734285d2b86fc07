// Package workload is what this project reads of pods and of the objects that make pods.
//
// An admission webhook decodes a pod for every decision, and most of a pod (managed fields, probes,
// environment, status) has no bearing on where it may run. [Pod] has just the fields that do, under
// their Kubernetes JSON names, so that it is decoded straight from a request at a fraction of the cost of
// the full type, and so that a reader sees at one glance what a decision can depend on.
package workload

import (
	corev1 "k8s.io/api/core/v1"
)

// Pod is the part of a pod, or of a pod template, that its placement depends on.
type Pod struct {
	Metadata Metadata `json:"metadata"`
	Spec     PodSpec  `json:"spec"`
}

// Metadata is the part of an object's metadata that placement depends on.
type Metadata struct {
	Name         string            `json:"name"`
	GenerateName string            `json:"generateName"`
	Namespace    string            `json:"namespace"`
	Labels       map[string]string `json:"labels"`
	Annotations  map[string]string `json:"annotations"`
}

// PodSpec is the part of a pod's specification that placement depends on.
type PodSpec struct {
	OS                  *corev1.PodOS                 `json:"os"`
	NodeName            string                        `json:"nodeName"`
	NodeSelector        map[string]string             `json:"nodeSelector"`
	Affinity            *Affinity                     `json:"affinity"`
	Tolerations         []corev1.Toleration           `json:"tolerations"`
	RuntimeClassName    *string                       `json:"runtimeClassName"`
	HostNetwork         bool                          `json:"hostNetwork"`
	DNSPolicy           corev1.DNSPolicy              `json:"dnsPolicy"`
	SecurityContext     *SecurityContext              `json:"securityContext"`
	InitContainers      []Container                   `json:"initContainers"`
	Containers          []Container                   `json:"containers"`
	EphemeralContainers []Container                   `json:"ephemeralContainers"`
	Volumes             []Volume                      `json:"volumes"`
	ServiceAccountName  string                        `json:"serviceAccountName"`
	ImagePullSecrets    []corev1.LocalObjectReference `json:"imagePullSecrets"`
}

// Affinity is the part of a pod's affinity that binds it to nodes.
type Affinity struct {
	NodeAffinity *NodeAffinity `json:"nodeAffinity"`
}

// NodeAffinity is the part of a pod's node affinity that must hold.
type NodeAffinity struct {
	Required *corev1.NodeSelector `json:"requiredDuringSchedulingIgnoredDuringExecution"`
}

// Container is the part of a container that placement depends on.
type Container struct {
	Name            string           `json:"name"`
	Image           string           `json:"image"`
	Command         []string         `json:"command"`
	Args            []string         `json:"args"`
	SecurityContext *SecurityContext `json:"securityContext"`
	Resources       Resources        `json:"resources"`
	VolumeMounts    []VolumeMount    `json:"volumeMounts"`
	VolumeDevices   []VolumeDevice   `json:"volumeDevices"`
}

// SecurityContext is the part of a pod's or a container's security context that decides its kind, and
// whether it holds settings that only Linux has.
type SecurityContext struct {
	WindowsOptions           *WindowsOptions `json:"windowsOptions"`
	SELinuxOptions           *Present        `json:"seLinuxOptions"`
	SELinuxChangePolicy      *Present        `json:"seLinuxChangePolicy"`
	SeccompProfile           *Present        `json:"seccompProfile"`
	AppArmorProfile          *Present        `json:"appArmorProfile"`
	FSGroup                  *Present        `json:"fsGroup"`
	FSGroupChangePolicy      *Present        `json:"fsGroupChangePolicy"`
	Sysctls                  []Present       `json:"sysctls"`
	RunAsUser                *Present        `json:"runAsUser"`
	RunAsGroup               *Present        `json:"runAsGroup"`
	SupplementalGroups       []Present       `json:"supplementalGroups"`
	SupplementalGroupsPolicy *Present        `json:"supplementalGroupsPolicy"`
	Capabilities             *Present        `json:"capabilities"`
	ReadOnlyRootFilesystem   *Present        `json:"readOnlyRootFilesystem"`
	Privileged               *Present        `json:"privileged"`
	AllowPrivilegeEscalation *Present        `json:"allowPrivilegeEscalation"`
	ProcMount                *Present        `json:"procMount"`
}

// WindowsOptions is the part of the Windows security options that placement depends on.
type WindowsOptions struct {
	HostProcess *bool `json:"hostProcess"`
}

// Resources holds the names of the resources that a container asks for.
type Resources struct {
	Limits   map[string]Present `json:"limits"`
	Requests map[string]Present `json:"requests"`
}

// VolumeMount is the part of a volume mount that Windows may not support.
type VolumeMount struct {
	Name             string                       `json:"name"`
	MountPropagation *corev1.MountPropagationMode `json:"mountPropagation"`
}

// VolumeDevice is a raw block device in a container.
type VolumeDevice struct {
	Name string `json:"name"`
}

// Volume is the part of a volume that Windows may not support.
type Volume struct {
	Name     string    `json:"name"`
	EmptyDir *EmptyDir `json:"emptyDir"`
	HostPath *HostPath `json:"hostPath"`
}

// EmptyDir is an empty directory's medium.
type EmptyDir struct {
	Medium corev1.StorageMedium `json:"medium"`
}

// HostPath is a directory or file of the node.
type HostPath struct {
	Path string `json:"path"`
}

// Present stands for a field of which only the presence counts: decoding skips its value.
type Present struct{}

// UnmarshalJSON accepts any value.
func (*Present) UnmarshalJSON([]byte) error { return nil }
