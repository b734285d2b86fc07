package exporter

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/intstr"
	corev1ac "k8s.io/client-go/applyconfigurations/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// ServiceName is the Service's name, and with it the job of the metrics.
	ServiceName = "windows-exporter"
	// labelName is the label by which monitors select the Service.
	labelName = "app.kubernetes.io/name"
)

// service makes the Service what it shall be, and returns it; nil where there is one that somebody else made, which is
// left alone.
func (r *Reconciler) service(ctx context.Context) (*corev1.Service, error) {
	key := client.ObjectKey{Namespace: r.Namespace, Name: ServiceName}
	live := &corev1.Service{}
	err := r.Client.Get(ctx, key, live)
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return nil, fmt.Errorf("reading Service %s: %w", key, err)
	case live.Labels[v1alpha1.LabelManagedBy] != v1alpha1.ManagedBy:
		r.Events.Eventf(live, nil, corev1.EventTypeWarning, "NotOurs", "Reconcile",
			"this Service was made by somebody else, so that the metrics of Windows hosts cannot be found by it: delete or rename it")
		return nil, nil //nolint:nilnil // That there is none of ours is an answer.
	case isService(live):
		return live, nil
	}
	if err := r.Client.Apply(ctx, serviceConfiguration(r.Namespace), fieldOwner, client.ForceOwnership); err != nil {
		return nil, fmt.Errorf("applying Service %s: %w", key, err)
	}
	// The cache may not show it yet, and the slices need its UID.
	if err := r.API.Get(ctx, key, live); err != nil {
		return nil, fmt.Errorf("reading Service %s: %w", key, err)
	}
	return live, nil
}

// serviceConfiguration is everything that this project sets in the Service. It has no address of its own, because nobody
// wants the metrics of some host.
func serviceConfiguration(namespace string) *corev1ac.ServiceApplyConfiguration {
	return corev1ac.Service(ServiceName, namespace).
		WithLabels(map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy, labelName: ServiceName}).
		WithSpec(corev1ac.ServiceSpec().
			WithClusterIP(corev1.ClusterIPNone).
			WithPorts(corev1ac.ServicePort().WithName(portName).WithProtocol(corev1.ProtocolTCP).
				WithPort(defaultPort).WithTargetPort(intstr.FromInt32(defaultPort))))
}

// isService tells that a live Service is as it shall be.
func isService(live *corev1.Service) bool {
	ports := live.Spec.Ports
	return live.Labels[labelName] == ServiceName && live.Spec.ClusterIP == corev1.ClusterIPNone &&
		len(live.Spec.Selector) == 0 && len(ports) == 1 && ports[0].Name == portName && ports[0].Port == defaultPort
}
