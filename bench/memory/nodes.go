package main

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/bench/internal/cluster"
	"github.com/mullion-dev/mullion/bench/internal/stage"
)

// clients is how many requests about nodes are in flight.
const clients = 8

// join creates Node objects and waits until the webhook knows them. They are not kept alive: hollow nodes renew
// leases, and ten thousand would leave the machine no time for anything else.
func join(ctx context.Context, s *stage.Stage, nodes int) error {
	joining, joinCtx := errgroup.WithContext(ctx)
	joining.SetLimit(clients)
	for i := range nodes {
		joining.Go(func() error {
			_, err := s.Client.CoreV1().Nodes().Create(joinCtx, cloudNode(i), metav1.CreateOptions{})
			return err
		})
	}
	if err := joining.Wait(); err != nil {
		return fmt.Errorf("creating nodes: %w", err)
	}
	return s.UntilWebhookKnows(ctx, nodes)
}

// heartbeat reports the status of every node again, which brings the webhook a new copy of each.
func heartbeat(ctx context.Context, s *stage.Stage, nodes int) error {
	reporting, reportCtx := errgroup.WithContext(ctx)
	reporting.SetLimit(clients)
	now := time.Now().UTC().Format(time.RFC3339)
	patch := []byte(`{"status":{"conditions":[{"type":"Ready","lastHeartbeatTime":"` + now + `"}]}}`)
	for i := range nodes {
		reporting.Go(func() error {
			_, err := s.Client.CoreV1().Nodes().Patch(reportCtx, nodeName(i), types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
			return err
		})
	}
	if err := reporting.Wait(); err != nil {
		return fmt.Errorf("reporting the status of nodes: %w", err)
	}
	return nil
}

func nodeName(i int) string { return fmt.Sprintf("akswin%06d", i) }

// cloudNode is a node with as much on it as a managed Kubernetes service and a kubelet put there.
func cloudNode(i int) *corev1.Node {
	builds := cluster.Builds()
	build, pool, zone := builds[i%len(builds)], fmt.Sprintf("win%02d", i%40), fmt.Sprintf("westeurope-%d", i%3+1)
	node := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: nodeName(i),
			Labels: map[string]string{
				corev1.LabelOSStable:                       string(corev1.Windows),
				corev1.LabelArchStable:                     "amd64",
				corev1.LabelHostname:                       nodeName(i),
				corev1.LabelWindowsBuild:                   build,
				corev1.LabelInstanceTypeStable:             "Standard_D8s_v5",
				corev1.LabelTopologyRegion:                 "westeurope",
				corev1.LabelTopologyZone:                   zone,
				"beta.kubernetes.io/arch":                  "amd64",
				"beta.kubernetes.io/instance-type":         "Standard_D8s_v5",
				"beta.kubernetes.io/os":                    string(corev1.Windows),
				"failure-domain.beta.kubernetes.io/region": "westeurope",
				"failure-domain.beta.kubernetes.io/zone":   zone,
				"agentpool":                                pool,
				"kubernetes.azure.com/agentpool":           pool,
				"kubernetes.azure.com/cluster":             "MC_production_platform_westeurope",
				"kubernetes.azure.com/mode":                "user",
				"kubernetes.azure.com/role":                "agent",
				"kubernetes.azure.com/os-sku":              "Windows2022",
				"kubernetes.azure.com/storageprofile":      "managed",
				"kubernetes.azure.com/storagetier":         "Premium_LRS",
				"topology.disk.csi.azure.com/zone":         zone,
				"node-role.kubernetes.io/agent":            "",
			},
			Annotations: map[string]string{
				"csi.volume.kubernetes.io/nodeid":                        `{"disk.csi.azure.com":"` + nodeName(i) + `","file.csi.azure.com":"` + nodeName(i) + `"}`,
				"volumes.kubernetes.io/controller-managed-attach-detach": "true",
			},
		},
		Spec:   corev1.NodeSpec{Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}},
		Status: nodeStatus(build),
	}
	return node
}

func nodeStatus(build string) corev1.NodeStatus {
	capacity := corev1.ResourceList{
		corev1.ResourceCPU:    resource.MustParse("8"),
		corev1.ResourceMemory: resource.MustParse("32Gi"),
		corev1.ResourcePods:   resource.MustParse("60"),
	}
	status := corev1.NodeStatus{
		Capacity:    capacity,
		Allocatable: capacity,
		NodeInfo: corev1.NodeSystemInfo{
			OperatingSystem: string(corev1.Windows), Architecture: "amd64", OSImage: "Windows Server Datacenter",
			KernelVersion: build + ".2700", ContainerRuntimeVersion: "containerd://2.1.6", KubeletVersion: "v1.36.3",
		},
		Conditions: []corev1.NodeCondition{
			{Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady"},
			{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
			{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure"},
			{Type: corev1.NodePIDPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientPID"},
		},
	}
	for k := range 5 {
		name := fmt.Sprintf("registry.example.com/team/application-%d", k)
		status.Images = append(status.Images, corev1.ContainerImage{
			Names: []string{fmt.Sprintf("%s@sha256:%064d", name, k), name + ":v1"}, SizeBytes: 1 << 30,
		})
	}
	return status
}
