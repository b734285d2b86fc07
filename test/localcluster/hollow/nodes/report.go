package nodes

import (
	"context"
	"fmt"
	"maps"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
)

// report creates the Node unless there is one, gives it the labels that it lacks, and tells its status.
func (k Keeper) report(ctx context.Context, ready bool) error {
	nodes, name := k.Client.CoreV1().Nodes(), k.Node.Name
	current, err := nodes.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		current, err = nodes.Create(ctx, k.Node.DeepCopy(), metav1.CreateOptions{})
	}
	if err != nil {
		return fmt.Errorf("registering node %s: %w", name, err)
	}
	labelled := current.DeepCopy()
	maps.Copy(labelled.Labels, k.Node.Labels)
	if !maps.Equal(labelled.Labels, current.Labels) {
		if current, err = nodes.Update(ctx, labelled, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("labelling node %s: %w", name, err)
		}
	}
	said := conditions(current.Status.Conditions, ready, metav1.Now())
	k.Node.Status.DeepCopyInto(&current.Status)
	current.Status.Conditions = said
	if _, err := nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("reporting the status of node %s: %w", name, err)
	}
	return nil
}

// conditions are those of a node on which nothing is short. They keep since when they are as they are.
func conditions(old []corev1.NodeCondition, ready bool, now metav1.Time) []corev1.NodeCondition {
	conditions := []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure"},
		{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID"},
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status"},
	}
	if !ready {
		conditions[len(conditions)-1] = corev1.NodeCondition{
			Type: corev1.NodeReady, Status: corev1.ConditionFalse, Reason: "KubeletNotReady", Message: "container runtime network not ready",
		}
	}
	for i := range conditions {
		conditions[i].LastHeartbeatTime, conditions[i].LastTransitionTime = now, now
		for j := range old {
			if old[j].Type == conditions[i].Type && old[j].Status == conditions[i].Status {
				conditions[i].LastTransitionTime = old[j].LastTransitionTime
			}
		}
	}
	return conditions
}

// renew renews the node's lease, and makes it where there is none.
func (k Keeper) renew(ctx context.Context) error {
	leases, name := k.Client.CoordinationV1().Leases(corev1.NamespaceNodeLease), k.Node.Name
	spec := coordinationv1.LeaseSpec{
		HolderIdentity: &name, LeaseDurationSeconds: &k.LeaseSeconds, RenewTime: ptr.To(metav1.NowMicro()),
	}
	lease, err := leases.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: spec}, metav1.CreateOptions{})
	} else if err == nil {
		lease.Spec = spec
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("renewing the lease of node %s: %w", name, err)
	}
	return nil
}
