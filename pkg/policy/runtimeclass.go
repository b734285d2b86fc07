package policy

import (
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// RuntimeClass is the part of a RuntimeClass that placement depends on.
type RuntimeClass struct {
	Name         string
	Handler      string
	NodeSelector map[string]string
	Tolerations  []corev1.Toleration
}

// FromRuntimeClass takes the part of a RuntimeClass that placement depends on. The result shares the
// object's map and slice.
func FromRuntimeClass(class *nodev1.RuntimeClass) RuntimeClass {
	c := RuntimeClass{Name: class.Name, Handler: class.Handler}
	if class.Scheduling != nil {
		c.NodeSelector = class.Scheduling.NodeSelector
		c.Tolerations = class.Scheduling.Tolerations
	}
	return c
}

// Handlers of containerd's runtime for Windows.
//
// Source: https://github.com/containerd/containerd/blob/main/docs/cri/config.md and
// https://github.com/microsoft/hcsshim.
const (
	HandlerProcess = "runhcs-wcow-process"
	HandlerHyperV  = "runhcs-wcow-hypervisor"
)

// isolationOf is the isolation that a handler gives, where it is one of containerd's own. The name of any
// other handler is an agreement between an administrator and a node, and says nothing here.
func isolationOf(handler string) (v1alpha1.Isolation, bool) {
	switch handler {
	case HandlerProcess:
		return v1alpha1.IsolationProcess, true
	case HandlerHyperV:
		return v1alpha1.IsolationHyperV, true
	default:
		return "", false
	}
}

// defaultHandler is containerd's handler for an isolation.
func defaultHandler(isolation v1alpha1.Isolation) string {
	if isolation == v1alpha1.IsolationHyperV {
		return HandlerHyperV
	}
	return HandlerProcess
}

// defaultClassName is the name of the RuntimeClass of a build where the policy gives none.
func defaultClassName(build Build, isolation v1alpha1.Isolation) string {
	if isolation == v1alpha1.IsolationHyperV {
		return "windows-" + build.String() + "-hyperv"
	}
	return "windows-" + build.String()
}
