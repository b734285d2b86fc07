package protection_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes"
)

// patch changes a node, or its status, by a strategic merge patch, as kubectl and kubelets do.
func patch(ctx context.Context, client kubernetes.Interface, node, subresource, change string, options metav1.PatchOptions) (*corev1.Node, error) {
	var subresources []string
	if subresource != "" {
		subresources = append(subresources, subresource)
	}
	return client.CoreV1().Nodes().Patch(ctx, node, types.StrategicMergePatchType, []byte(change), options, subresources...)
}

// isRefused tells that it was the policy that has refused, rather than RBAC or NodeRestriction.
func isRefused(err error) bool {
	return apierrors.IsForbidden(err) && strings.Contains(err.Error(), "ValidatingAdmissionPolicy 'mullion-node-protection'")
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// user is somebody with a client certificate.
func user(name string, groups ...string) (kubernetes.Interface, error) {
	identity, err := shared.cluster.User(name, groups...)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(identity.RESTConfig())
}

// serviceAccount is a service account that there is.
func serviceAccount(ctx context.Context, namespace, name string) (kubernetes.Interface, error) {
	identity, err := shared.cluster.ServiceAccount(ctx, namespace, name)
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(identity.RESTConfig())
}
