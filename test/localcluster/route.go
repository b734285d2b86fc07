package localcluster

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// RouteServiceToLoopback makes the API server reach a Service on this machine's loopback interface when it
// calls a webhook or an aggregated API: it turns the Service into one of type ExternalName, or creates it.
// The port dialled is the one that the webhook configuration or APIService names. Call it again after the
// Service's manifest has been applied again.
func (c *Cluster) RouteServiceToLoopback(ctx context.Context, namespace, name string) error {
	client, err := kubernetes.NewForConfig(c.RESTConfig())
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	services := client.CoreV1().Services(namespace)
	patch, err := json.Marshal(map[string]any{"spec": map[string]any{
		"type":         corev1.ServiceTypeExternalName,
		"externalName": "localhost",
		"selector":     nil,
	}})
	if err != nil {
		return fmt.Errorf("encoding a patch: %w", err)
	}
	_, err = services.Patch(ctx, name, types.MergePatchType, patch, metav1.PatchOptions{})
	if apierrors.IsNotFound(err) {
		_, err = services.Create(ctx, &corev1.Service{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"},
		}, metav1.CreateOptions{})
	}
	if err != nil {
		return fmt.Errorf("routing service %s/%s to loopback: %w", namespace, name, err)
	}
	return nil
}
