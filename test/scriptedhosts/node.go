package scriptedhosts

import (
	"context"
	"fmt"
	"maps"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"
)

// reportInterval is how often a status is reported in which nothing is new: it is leases that tell that nodes live.
const reportInterval = 5 * time.Minute

// keepNode registers the node, reports what is new about it, and renews its lease, until the context ends. What fails is
// tried again soon.
func (k *kubelet) keepNode(ctx context.Context, client kubernetes.Interface) error {
	var reported time.Time
	ails := Healthy
	for {
		wait := k.heartbeat()
		now := k.host.ailment()
		var err error
		if time.Since(reported) > reportInterval || now != ails {
			if err = k.report(ctx, client, k.isReady(now)); err == nil {
				reported, ails = time.Now(), now
			}
		}
		if err == nil {
			err = k.renew(ctx, client)
		}
		if err != nil {
			k.host.note(err)
			wait = retryInterval
		}
		next := time.NewTimer(wait)
		select {
		case <-next.C:
		case <-ctx.Done():
			next.Stop()
			return nil
		}
	}
}

// isReady tells whether the kubelet says that its node is Ready.
func (k *kubelet) isReady(ails Ailment) bool {
	unready := k.host.fleet.options.Unready
	return ails != Unready && (unready == nil || !unready(k.version))
}

// report creates the Node unless there is one, labels it, and tells its status.
func (k *kubelet) report(ctx context.Context, client kubernetes.Interface, ready bool) error {
	nodes, wanted := client.CoreV1().Nodes(), k.node(ctx)
	current, err := nodes.Get(ctx, k.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		current, err = nodes.Create(ctx, wanted.DeepCopy(), metav1.CreateOptions{})
	}
	if err != nil {
		return fmt.Errorf("registering node %s: %w", k.name, err)
	}
	labelled := current.DeepCopy()
	maps.Copy(labelled.Labels, wanted.Labels)
	if !maps.Equal(labelled.Labels, current.Labels) {
		if current, err = nodes.Update(ctx, labelled, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("labelling node %s: %w", k.name, err)
		}
	}
	conditions := current.Status.Conditions
	current.Status = wanted.Status
	current.Status.Conditions = withReady(conditions, ready)
	if _, err := nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("reporting the status of node %s: %w", k.name, err)
	}
	return nil
}

// node is what the kubelet registers.
func (k *kubelet) node(ctx context.Context) *corev1.Node {
	h := k.host
	facts, _ := h.Machine.Host().System.Facts(ctx, nil) // Without them it is a node of nothing, which is seen.
	labels := map[string]string{
		corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelHostname: k.name,
		corev1.LabelWindowsBuild: facts.Build,
	}
	maps.Copy(labels, k.labels)
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: k.name, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: k.configuration.RegisterWithTaints},
		Status: corev1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: k.address.String()}, {Type: corev1.NodeHostName, Address: k.name},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: 10250}},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: "windows", Architecture: "amd64", BootID: facts.BootID, MachineID: k.name, SystemUUID: k.name,
				KernelVersion: fmt.Sprintf("%s.%d", facts.Build, facts.UBR), OSImage: "Windows Server",
				KubeletVersion: k.version, ContainerRuntimeVersion: "containerd://2.3.0",
			},
		},
	}
}

// withReady are a node's conditions, with Ready as it is now. It keeps since when.
func withReady(old []corev1.NodeCondition, ready bool) []corev1.NodeCondition {
	now := metav1.Now()
	condition := corev1.NodeCondition{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status",
		LastHeartbeatTime: now, LastTransitionTime: now,
	}
	if !ready {
		condition.Status, condition.Reason = corev1.ConditionFalse, "KubeletNotReady"
		condition.Message = "container runtime network not ready"
	}
	for i := range old {
		if old[i].Type == corev1.NodeReady && old[i].Status == condition.Status {
			condition.LastTransitionTime = old[i].LastTransitionTime
		}
	}
	return []corev1.NodeCondition{condition}
}

// renew renews the node's lease.
func (k *kubelet) renew(ctx context.Context, client kubernetes.Interface) error {
	leases := client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	spec := coordinationv1.LeaseSpec{
		HolderIdentity: &k.name, LeaseDurationSeconds: &k.configuration.NodeLeaseDurationSeconds, RenewTime: ptr.To(metav1.NowMicro()),
	}
	lease, err := leases.Get(ctx, k.name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Name: k.name}, Spec: spec}, metav1.CreateOptions{})
	} else if err == nil {
		lease.Spec = spec
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("renewing the lease of node %s: %w", k.name, err)
	}
	return nil
}
