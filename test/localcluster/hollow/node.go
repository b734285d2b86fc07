package hollow

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

const (
	// leaseSeconds is the duration that kubelet writes into its lease.
	leaseSeconds = 40
	// statusInterval is how often kubelet reports a status that has not changed.
	statusInterval = 5 * time.Minute
)

// Node is one hollow node. Its methods may be called concurrently.
type Node struct {
	fleet   *Fleet
	spec    NodeSpec
	address string

	mu       sync.Mutex
	lease    *coordinationv1.Lease
	reported time.Time // When the status was last accepted.
	ready    bool
	silent   bool
}

// Name is the Node object's name.
func (n *Node) Name() string { return n.spec.Name }

// Silence ends heartbeats, and everything that the node does for its pods, as when a machine loses power. The
// node lifecycle controller then calls the node NotReady after the grace period and evicts its pods, but as
// long as all nodes of a zone are silent it suspects itself and evicts nothing.
func (n *Node) Silence() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.silent = true
}

// Resume ends Silence: the node reports itself at once and catches up with its pods.
func (n *Node) Resume() {
	n.mu.Lock()
	n.silent = false
	n.mu.Unlock()
	n.fleet.queue.Add(task{name: n.spec.Name})
	n.fleet.lookAtPodsOf(n.spec.Name)
}

// SetReady changes what the node reports of itself, which it does at once.
func (n *Node) SetReady(ready bool) {
	n.mu.Lock()
	n.ready = ready
	n.mu.Unlock()
	n.fleet.queue.Add(task{name: n.spec.Name})
}

// Remove ends the node's heartbeats and deletes its Node object, and its lease with it.
func (n *Node) Remove(ctx context.Context) error {
	n.Silence()
	n.fleet.forget(n.spec.Name)
	leases := n.fleet.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	err := errors.Join(
		ignoreNotFound(n.fleet.client.CoreV1().Nodes().Delete(ctx, n.spec.Name, metav1.DeleteOptions{})),
		ignoreNotFound(leases.Delete(ctx, n.spec.Name, metav1.DeleteOptions{})))
	if err != nil {
		return fmt.Errorf("removing hollow node %s: %w", n.spec.Name, err)
	}
	return nil
}

func (n *Node) alive() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.silent
}

// register creates the Node object and its lease.
func (n *Node) register(ctx context.Context) error {
	now := time.Now()
	node, err := n.fleet.client.CoreV1().Nodes().Create(ctx, n.spec.node(n.address, now), metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("registering hollow node %s: %w", n.spec.Name, err)
	}
	lease, err := n.fleet.client.CoordinationV1().Leases(corev1.NamespaceNodeLease).Create(ctx, &coordinationv1.Lease{
		ObjectMeta: metav1.ObjectMeta{
			Name:            n.spec.Name,
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "v1", Kind: "Node", Name: node.Name, UID: node.UID}},
		},
		Spec: coordinationv1.LeaseSpec{
			HolderIdentity:       &n.spec.Name,
			LeaseDurationSeconds: ptr.To[int32](leaseSeconds),
			RenewTime:            ptr.To(metav1.NewMicroTime(now)),
		},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making the lease of hollow node %s: %w", n.spec.Name, err)
	}
	n.lease, n.reported = lease, now
	return nil
}

// heartbeat renews the lease, and reports the status when the API server's does not say what the node does,
// or has become old. An error needs no answer: the next heartbeat is the retry.
func (n *Node) heartbeat(ctx context.Context) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.silent {
		return
	}
	n.renew(ctx)
	if n.statusIsDue() {
		n.report(ctx)
	}
}

func (n *Node) renew(ctx context.Context) {
	leases := n.fleet.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	lease := n.lease.DeepCopy()
	lease.Spec.RenewTime = ptr.To(metav1.NowMicro())
	renewed, err := leases.Update(ctx, lease, metav1.UpdateOptions{})
	if apierrors.IsConflict(err) {
		renewed, err = leases.Get(ctx, n.spec.Name, metav1.GetOptions{})
	}
	if err == nil {
		n.lease = renewed
	}
}

func (n *Node) statusIsDue() bool {
	if time.Since(n.reported) >= statusInterval {
		return true
	}
	object, found, err := n.fleet.nodes.GetStore().GetByKey(n.spec.Name)
	if err != nil || !found {
		return false // The watch has not shown it yet, or somebody deleted it.
	}
	return conditionStatus(object.(*corev1.Node), corev1.NodeReady) != status(n.ready)
}

func (n *Node) report(ctx context.Context) {
	nodes := n.fleet.client.CoreV1().Nodes()
	current, err := nodes.Get(ctx, n.spec.Name, metav1.GetOptions{})
	if err != nil {
		return
	}
	fresh := n.spec.conditions(n.ready, time.Now())
	for i := range fresh {
		for _, old := range current.Status.Conditions {
			if old.Type == fresh[i].Type && old.Status == fresh[i].Status {
				fresh[i].LastTransitionTime = old.LastTransitionTime
			}
		}
	}
	current.Status.Conditions = fresh
	if _, err := nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{}); err == nil {
		n.reported = time.Now()
	}
}

// lookAtPodsOf queues every pod that is bound to a node.
func (f *Fleet) lookAtPodsOf(node string) {
	pods, err := f.pods.GetIndexer().ByIndex(byNode, node)
	if err != nil {
		return // The index exists since NewFleet.
	}
	for _, o := range pods {
		if pod, ok := o.(*corev1.Pod); ok {
			f.queue.Add(task{pod.Namespace, pod.Name})
		}
	}
}

func status(b bool) corev1.ConditionStatus {
	if b {
		return corev1.ConditionTrue
	}
	return corev1.ConditionFalse
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
