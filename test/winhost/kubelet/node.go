package main

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"time"

	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/klog/v2"
	kubeletv1beta1 "k8s.io/kubelet/config/v1beta1"
	"k8s.io/utils/ptr"
)

const (
	// statusInterval is how often the status is reported that does not change; the lease tells that the node lives.
	statusInterval = 5 * time.Minute
	// requestTimeout bounds one request.
	requestTimeout = 10 * time.Second
	// retryInterval is how soon a request is tried again that was in vain.
	retryInterval = time.Second
)

// facts are what the registry says of the computer.
type facts struct {
	build         string // Three parts; empty on Linux.
	kernelVersion string
	osImage       string
	machineID     string
	bootID        string
	// version is the kubelet's own.
	version string
}

// node keeps a Node object and its lease.
type node struct {
	client kubernetes.Interface
	spec   nodeSpec
}

type nodeSpec struct {
	object       *corev1.Node
	leaseSeconds int32
}

// nodeSpec describes the Node that the kubelet registers.
func (o *options) nodeSpec(f facts, c *kubeletv1beta1.KubeletConfiguration) nodeSpec {
	labels := map[string]string{
		corev1.LabelOSStable: runtime.GOOS, corev1.LabelArchStable: runtime.GOARCH, corev1.LabelHostname: o.nodeName,
	}
	if f.build != "" {
		labels[corev1.LabelWindowsBuild] = f.build
	}
	maps.Copy(labels, o.labels)
	capacity := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("4"), corev1.ResourceMemory: resource.MustParse("16Gi"),
		corev1.ResourcePods: resource.MustParse("110"), corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"),
	}
	object := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: o.nodeName, Labels: labels},
		Spec:       corev1.NodeSpec{Taints: c.RegisterWithTaints},
		Status: corev1.NodeStatus{
			Capacity: capacity, Allocatable: capacity,
			Addresses: []corev1.NodeAddress{
				{Type: corev1.NodeInternalIP, Address: o.nodeIP}, {Type: corev1.NodeHostName, Address: o.nodeName},
			},
			DaemonEndpoints: corev1.NodeDaemonEndpoints{KubeletEndpoint: corev1.DaemonEndpoint{Port: c.Port}},
			NodeInfo: corev1.NodeSystemInfo{
				OperatingSystem: runtime.GOOS, Architecture: runtime.GOARCH, KernelVersion: f.kernelVersion, OSImage: f.osImage,
				MachineID: f.machineID, SystemUUID: f.machineID, BootID: f.bootID,
				KubeletVersion: f.version, ContainerRuntimeVersion: "containerd://2.1.6",
			},
		},
	}
	return nodeSpec{object: object, leaseSeconds: c.NodeLeaseDurationSeconds}
}

// keepAlive registers the node and then renews its lease, four times in its duration as the kubelet does, and reports
// its status. What fails is tried again until the context ends.
func (n *node) keepAlive(ctx context.Context) error {
	var reported time.Time
	for {
		wait := time.Duration(n.spec.leaseSeconds) * time.Second / 4
		if err := n.beat(ctx, &reported); err != nil {
			klog.ErrorS(err, "The API server did not take a heartbeat")
			wait = retryInterval
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return context.Cause(ctx)
		}
	}
}

func (n *node) beat(ctx context.Context, reported *time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	if time.Since(*reported) > statusInterval {
		if err := n.report(ctx); err != nil {
			return err
		}
		*reported = time.Now()
	}
	return n.renew(ctx)
}

// report creates the Node, or tells the API server what it does not know of it.
func (n *node) report(ctx context.Context) error {
	nodes := n.client.CoreV1().Nodes()
	current, err := nodes.Get(ctx, n.spec.object.Name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		current, err = nodes.Create(ctx, n.spec.object.DeepCopy(), metav1.CreateOptions{})
		klog.InfoS("Registered the node", "node", n.spec.object.Name, "error", err)
	}
	if err != nil {
		return fmt.Errorf("registering the node: %w", err)
	}
	if !containsAll(current.Labels, n.spec.object.Labels) {
		maps.Copy(current.Labels, n.spec.object.Labels)
		if current, err = nodes.Update(ctx, current, metav1.UpdateOptions{}); err != nil {
			return fmt.Errorf("labelling the node: %w", err)
		}
	}
	conditions := ready(current.Status.Conditions, time.Now())
	n.spec.object.Status.DeepCopyInto(&current.Status)
	current.Status.Conditions = conditions
	if _, err := nodes.UpdateStatus(ctx, current, metav1.UpdateOptions{}); err != nil {
		return fmt.Errorf("reporting the node's status: %w", err)
	}
	return nil
}

func containsAll(labels, wanted map[string]string) bool {
	for key, value := range wanted {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// ready says that nothing is wrong, and keeps since when.
func ready(old []corev1.NodeCondition, now time.Time) []corev1.NodeCondition {
	at := metav1.NewTime(now)
	conditions := []corev1.NodeCondition{
		{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
		{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure"},
		{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID"},
		{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", Message: "kubelet is posting ready status"},
	}
	for i := range conditions {
		conditions[i].LastHeartbeatTime, conditions[i].LastTransitionTime = at, at
		for j := range old {
			if old[j].Type == conditions[i].Type && old[j].Status == conditions[i].Status {
				conditions[i].LastTransitionTime = old[j].LastTransitionTime
			}
		}
	}
	return conditions
}

func (n *node) renew(ctx context.Context) error {
	name := n.spec.object.Name
	leases := n.client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	lease, err := leases.Get(ctx, name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		_, err = leases.Create(ctx, &coordinationv1.Lease{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       n.leaseSpec(),
		}, metav1.CreateOptions{})
	} else if err == nil {
		lease.Spec = n.leaseSpec()
		_, err = leases.Update(ctx, lease, metav1.UpdateOptions{})
	}
	if err != nil {
		return fmt.Errorf("renewing the node's lease: %w", err)
	}
	return nil
}

func (n *node) leaseSpec() coordinationv1.LeaseSpec {
	return coordinationv1.LeaseSpec{
		HolderIdentity: &n.spec.object.Name, LeaseDurationSeconds: &n.spec.leaseSeconds, RenewTime: ptr.To(metav1.NowMicro()),
	}
}
