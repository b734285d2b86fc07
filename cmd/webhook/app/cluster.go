package app

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/clusterstate"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// namespaceTimeout bounds the reading of a namespace that the tracker does not know yet.
const namespaceTimeout = time.Second

// cluster is what reviews know of the cluster.
type cluster struct {
	tracker *clusterstate.Tracker
	// reader reads from the API server, not from a cache.
	reader client.Reader
}

// Snapshot is the newest snapshot, and nil until there is one of everything.
func (c *cluster) Snapshot() *policy.Snapshot {
	if !c.tracker.Synced() {
		return nil
	}
	return c.tracker.Snapshot()
}

// NamespaceLabels returns the labels of a namespace. One that was made a moment ago, together with its pods,
// is asked for.
func (c *cluster) NamespaceLabels(ctx context.Context, name string) (map[string]string, error) {
	if labels, known := c.tracker.NamespaceLabels(name); known {
		return labels, nil
	}
	ctx, cancel := context.WithTimeout(ctx, namespaceTimeout)
	defer cancel()
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := c.reader.Get(ctx, client.ObjectKey{Name: name}, namespace); err != nil {
		return nil, fmt.Errorf("getting it from the API server: %w", err)
	}
	return namespace.Labels, nil
}
