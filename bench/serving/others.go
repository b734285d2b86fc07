package main

import (
	"context"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// blind knows the answer before it is asked: what remains is TLS, HTTP/2 and the system.
func blind() (http.Handler, error) {
	const answer = `{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","response":{"uid":"21ecc8f2-e484-4ff3-8a13-df2d400cb226","allowed":true}}`
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, answer)
	}), nil
}

// noop decodes the review but not the pod in it, and allows.
func noop() (http.Handler, error) {
	return &admission.Webhook{Handler: admission.HandlerFunc(func(context.Context, admission.Request) admission.Response {
		return admission.Allowed("")
	})}, nil
}

// defaulter is what the kubebuilder book teaches: change the typed pod, and let the library find the patch.
func defaulter() (http.Handler, error) {
	return admission.WithDefaulter(clientgoscheme.Scheme, windowsDefaults{}), nil
}

type windowsDefaults struct{}

// Default makes the edits that our webhook makes for one known build.
func (windowsDefaults) Default(_ context.Context, pod *corev1.Pod) error {
	if pod.Spec.NodeSelector == nil {
		pod.Spec.NodeSelector = map[string]string{}
	}
	pod.Spec.NodeSelector[corev1.LabelOSStable] = string(corev1.Windows)
	pod.Spec.NodeSelector[corev1.LabelWindowsBuild] = "10.0.20348"
	pod.Spec.RuntimeClassName = ptr.To("windows-10.0.20348")
	pod.Spec.Tolerations = append(pod.Spec.Tolerations, corev1.Toleration{
		Key: "os", Operator: corev1.TolerationOpEqual, Value: "windows", Effect: corev1.TaintEffectNoSchedule,
	})
	return nil
}
