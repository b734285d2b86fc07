package workload

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// FromPod takes the part of a pod that placement depends on. The result shares the pod's maps and slices.
// It equals what decoding the pod's JSON gives.
func FromPod(pod *corev1.Pod) *Pod {
	return &Pod{
		Metadata: Metadata{
			Name:         pod.Name,
			GenerateName: pod.GenerateName,
			Namespace:    pod.Namespace,
			Labels:       pod.Labels,
			Annotations:  pod.Annotations,
		},
		Spec: fromPodSpec(&pod.Spec),
	}
}

// FromTemplate takes the part of a pod template that placement depends on, as [FromPod] does of a pod.
func FromTemplate(template *corev1.PodTemplateSpec) *Pod {
	return FromPod(&corev1.Pod{ObjectMeta: template.ObjectMeta, Spec: template.Spec})
}

func fromPodSpec(spec *corev1.PodSpec) PodSpec {
	return PodSpec{
		OS:               spec.OS,
		NodeName:         spec.NodeName,
		NodeSelector:     spec.NodeSelector,
		Affinity:         fromAffinity(spec.Affinity),
		Tolerations:      spec.Tolerations,
		RuntimeClassName: spec.RuntimeClassName,
		HostNetwork:      spec.HostNetwork,
		DNSPolicy:        spec.DNSPolicy,
		SecurityContext:  fromPodSecurityContext(spec.SecurityContext),
		InitContainers:   convert(spec.InitContainers, fromContainer),
		Containers:       convert(spec.Containers, fromContainer),
		EphemeralContainers: convert(spec.EphemeralContainers, func(c *corev1.EphemeralContainer) Container {
			container := corev1.Container(c.EphemeralContainerCommon)
			return fromContainer(&container)
		}),
		Volumes:            convert(spec.Volumes, fromVolume),
		ServiceAccountName: spec.ServiceAccountName,
		ImagePullSecrets:   spec.ImagePullSecrets,
	}
}

func fromAffinity(affinity *corev1.Affinity) *Affinity {
	switch {
	case affinity == nil:
		return nil
	case affinity.NodeAffinity == nil:
		return &Affinity{}
	default:
		required := affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
		return &Affinity{NodeAffinity: &NodeAffinity{Required: required}}
	}
}

func fromContainer(c *corev1.Container) Container {
	return Container{
		Name:            c.Name,
		Image:           c.Image,
		Command:         c.Command,
		Args:            c.Args,
		SecurityContext: fromSecurityContext(c.SecurityContext),
		Resources: Resources{
			Limits:   names(c.Resources.Limits),
			Requests: names(c.Resources.Requests),
		},
		VolumeMounts: convert(c.VolumeMounts, func(m *corev1.VolumeMount) VolumeMount {
			return VolumeMount{Name: m.Name, MountPropagation: m.MountPropagation}
		}),
		VolumeDevices: convert(c.VolumeDevices, func(d *corev1.VolumeDevice) VolumeDevice {
			return VolumeDevice{Name: d.Name}
		}),
	}
}

func fromVolume(v *corev1.Volume) Volume {
	volume := Volume{Name: v.Name}
	if v.EmptyDir != nil {
		volume.EmptyDir = &EmptyDir{Medium: v.EmptyDir.Medium}
	}
	if v.HostPath != nil {
		volume.HostPath = &HostPath{Path: v.HostPath.Path}
	}
	return volume
}

func fromPodSecurityContext(s *corev1.PodSecurityContext) *SecurityContext {
	if s == nil {
		return nil
	}
	return &SecurityContext{
		WindowsOptions:           fromWindowsOptions(s.WindowsOptions),
		SELinuxOptions:           present(s.SELinuxOptions),
		SELinuxChangePolicy:      present(s.SELinuxChangePolicy),
		SeccompProfile:           present(s.SeccompProfile),
		AppArmorProfile:          present(s.AppArmorProfile),
		FSGroup:                  present(s.FSGroup),
		FSGroupChangePolicy:      present(s.FSGroupChangePolicy),
		Sysctls:                  convert(s.Sysctls, func(*corev1.Sysctl) Present { return Present{} }),
		RunAsUser:                present(s.RunAsUser),
		RunAsGroup:               present(s.RunAsGroup),
		SupplementalGroups:       convert(s.SupplementalGroups, func(*int64) Present { return Present{} }),
		SupplementalGroupsPolicy: present(s.SupplementalGroupsPolicy),
	}
}

func fromSecurityContext(s *corev1.SecurityContext) *SecurityContext {
	if s == nil {
		return nil
	}
	return &SecurityContext{
		WindowsOptions:           fromWindowsOptions(s.WindowsOptions),
		SELinuxOptions:           present(s.SELinuxOptions),
		SeccompProfile:           present(s.SeccompProfile),
		AppArmorProfile:          present(s.AppArmorProfile),
		RunAsUser:                present(s.RunAsUser),
		RunAsGroup:               present(s.RunAsGroup),
		Capabilities:             present(s.Capabilities),
		ReadOnlyRootFilesystem:   present(s.ReadOnlyRootFilesystem),
		Privileged:               present(s.Privileged),
		AllowPrivilegeEscalation: present(s.AllowPrivilegeEscalation),
		ProcMount:                present(s.ProcMount),
	}
}

func fromWindowsOptions(o *corev1.WindowsSecurityContextOptions) *WindowsOptions {
	if o == nil {
		return nil
	}
	return &WindowsOptions{HostProcess: o.HostProcess}
}

func present[T any](field *T) *Present {
	if field == nil {
		return nil
	}
	return ptr.To(Present{})
}

func names[V any](resources map[corev1.ResourceName]V) map[string]Present {
	if resources == nil {
		return nil
	}
	out := make(map[string]Present, len(resources))
	for name := range resources {
		out[string(name)] = Present{}
	}
	return out
}

// convert keeps nil slices nil, as decoding an absent field does.
func convert[From, To any](in []From, each func(*From) To) []To {
	if in == nil {
		return nil
	}
	out := make([]To, len(in))
	for i := range in {
		out[i] = each(&in[i])
	}
	return out
}
