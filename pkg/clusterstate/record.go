package clusterstate

import (
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// nodeRecord is what a cache holds of a node that is there [ForPlacement]: the node at rest, and what informers go by,
// its name and its version. A [corev1.Node] without anything in it is a kilobyte.
type nodeRecord struct {
	version string
	// node is replaced by the tracker's own where that is the same, so that a heartbeat leaves no second copy.
	node atomic.Pointer[policy.CompactNode]
}

var _ metav1.ObjectMetaAccessor = (*nodeRecord)(nil)

func newRecord(node *corev1.Node) *nodeRecord {
	r := &nodeRecord{version: node.ResourceVersion}
	r.node.Store(compact(node))
	return r
}

// GetObjectMeta is what informers ask. They compare the version: without it they would take every update for a
// repetition and not pass it on.
func (r *nodeRecord) GetObjectMeta() metav1.Object {
	return &metav1.ObjectMeta{Name: r.node.Load().Name(), ResourceVersion: r.version}
}

func compact(node *corev1.Node) *policy.CompactNode {
	part := policy.FromNode(node)
	return part.Compact()
}
