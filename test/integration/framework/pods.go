package framework

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Image is the reference of an image of the catalog, such as "windows/servercore:ltsc2022", in the suite's
// registry.
func (s *Suite) Image(name string) string { return s.Registry.Reference(name) }

// PrivateImage is the same in the private registry.
func (s *Suite) PrivateImage(name string) string { return s.Private.Reference(name) }

// Pod is a Windows pod that says nothing but that, with a container for each reference: "main", "second"….
func (s *Scene) Pod(references ...string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "pod-", Namespace: s.Namespace, Labels: map[string]string{"app": "web"}},
		Spec:       Windows(references...),
	}
}

// Windows is the specification of a Windows pod that says nothing else.
func Windows(references ...string) corev1.PodSpec {
	names := [...]string{"main", "second", "third"}
	spec := corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}
	for i, reference := range references {
		spec.Containers = append(spec.Containers, corev1.Container{Name: names[i], Image: reference})
	}
	return spec
}

// Selecting adds a node selector.
func Selecting(pod *corev1.Pod, key, value string) *corev1.Pod {
	if pod.Spec.NodeSelector == nil {
		pod.Spec.NodeSelector = map[string]string{}
	}
	pod.Spec.NodeSelector[key] = value
	return pod
}

// Asking adds a label.
func Asking(pod *corev1.Pod, key, value string) *corev1.Pod {
	pod.Labels[key] = value
	return pod
}

// Template is a pod template of labels app: web.
func Template(spec corev1.PodSpec) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}}, Spec: spec}
}

// describePod says where a pod is and why it is not elsewhere.
func describePod(pod *corev1.Pod) string {
	text := fmt.Sprintf("phase %s, node %q, selector %v", pod.Status.Phase, pod.Spec.NodeName, pod.Spec.NodeSelector)
	for _, condition := range pod.Status.Conditions {
		if condition.Message != "" {
			text += fmt.Sprintf("; %s: %s", condition.Type, condition.Message)
		}
	}
	return text
}
