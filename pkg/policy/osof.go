package policy

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// podOS is the operating system that a pod is for, by its own words.
type podOS int

const (
	osUndecided podOS = iota
	osWindows
	osLinux
)

// osOf reads a pod's operating system from what it says of it, and where it says nothing from what it asks
// for that only one system has. Images are not considered.
func osOf(pod *workload.Pod, s *Snapshot, p *Policy) podOS {
	if pod.Spec.OS != nil && pod.Spec.OS.Name != "" {
		if pod.Spec.OS.Name == corev1.Windows {
			return osWindows
		}
		return osLinux
	}
	if _, asks := pod.Metadata.Labels[v1alpha1.LabelWindowsBuild]; asks || pod.HostProcess() {
		return osWindows
	}
	if name := pod.Spec.RuntimeClassName; name != nil && isWindowsClass(*name, s, p) {
		return osWindows
	}
	return osOfSelectors(pod)
}

func isWindowsClass(name string, s *Snapshot, p *Policy) bool {
	if class, ok := s.runtimeClasses[name]; ok {
		_, windowsHandler := isolationOf(class.Handler)
		_, selectsBuild := class.NodeSelector[corev1.LabelWindowsBuild]
		return windowsHandler || selectsBuild || class.NodeSelector[corev1.LabelOSStable] == "windows"
	}
	for i := range p.Builds {
		if p.Builds[i].RuntimeClass == name {
			return true
		}
	}
	return false
}

// osOfSelectors tells the system by the nodes that the pod's selectors leave: a pod that can be bound to
// nodes of one system only is for that system.
func osOfSelectors(pod *workload.Pod) podOS {
	q := queryOf(pod)
	q.nodeName = ""
	if len(q.nodeSelector) == 0 && q.required == nil {
		return osUndecided
	}
	windows := q.matches(&nodeView{
		labels: map[string]string{corev1.LabelOSStable: "windows", "beta.kubernetes.io/os": "windows"},
		open:   true,
		named:  unknownName,
	})
	linux := q.matches(&nodeView{
		labels:  map[string]string{corev1.LabelOSStable: "linux", "beta.kubernetes.io/os": "linux"},
		open:    true,
		without: corev1.LabelWindowsBuild,
		named:   unknownName,
	})
	switch {
	case windows != no && linux == no:
		return osWindows
	case windows == no && linux != no:
		return osLinux
	default:
		return osUndecided
	}
}
