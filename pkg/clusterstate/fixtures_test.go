package clusterstate

import (
	"fmt"
	"strconv"
	"testing"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	nodev1 "k8s.io/api/node/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func newTracker(t testing.TB) *Tracker {
	t.Helper()
	tracker, err := New(nil, Options{Log: logr.Discard(), Namespaces: true})
	if err != nil {
		t.Fatal(err)
	}
	return tracker
}

// node is a Ready Windows node.
func node(name, build string, change ...func(*corev1.Node)) *corev1.Node {
	n := &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{
			Name: name,
			Labels: map[string]string{
				corev1.LabelOSStable:     "windows",
				corev1.LabelHostname:     name,
				corev1.LabelWindowsBuild: build,
			},
		},
		Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}},
			NodeInfo:   corev1.NodeSystemInfo{KernelVersion: build + ".1"},
		},
	}
	for _, c := range change {
		c(n)
	}
	return n
}

// newPolicy offers the builds to every pod.
func newPolicy(name string, generation int64, builds ...string) *v1alpha1.WindowsBuildPolicy {
	p := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{
		Name: name, UID: types.UID(name), Generation: generation,
	}}
	for _, build := range builds {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	return p
}

func runtimeClass(name, handler string) *nodev1.RuntimeClass {
	return &nodev1.RuntimeClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Handler: handler}
}

func namespace(name string, labels map[string]string) *metav1.PartialObjectMetadata {
	n := namespaceMetadata()
	n.Name = name
	n.Labels = labels
	return n
}

// cloudNode is a node with all that a managed Kubernetes service and a kubelet put on one.
func cloudNode(i int) *corev1.Node {
	builds := [...]string{"10.0.17763", "10.0.20348", "10.0.26100"}
	build := builds[i%len(builds)]
	name := fmt.Sprintf("akswin%06d", i)
	zone := "westeurope-" + strconv.Itoa(i%3+1)
	pool := fmt.Sprintf("win%02d", i%40)
	n := node(name, build)
	for key, value := range map[string]string{
		"agentpool":                                 pool,
		"beta.kubernetes.io/arch":                   "amd64",
		"beta.kubernetes.io/instance-type":          "Standard_D8s_v5",
		"beta.kubernetes.io/os":                     "windows",
		"failure-domain.beta.kubernetes.io/region":  "westeurope",
		"failure-domain.beta.kubernetes.io/zone":    zone,
		"kubernetes.azure.com/agentpool":            pool,
		"kubernetes.azure.com/cluster":              "MC_production_platform_westeurope",
		"kubernetes.azure.com/mode":                 "user",
		"kubernetes.azure.com/node-image-version":   "AKSWindows-2022-containerd-20348.2700.250101",
		"kubernetes.azure.com/os-sku":               "Windows2022",
		"kubernetes.azure.com/role":                 "agent",
		"kubernetes.azure.com/storageprofile":       "managed",
		"kubernetes.azure.com/storagetier":          "Premium_LRS",
		"kubernetes.io/arch":                        "amd64",
		"kubernetes.io/role":                        "agent",
		"node-role.kubernetes.io/agent":             "",
		"node.kubernetes.io/instance-type":          "Standard_D8s_v5",
		"storageprofile":                            "managed",
		"storagetier":                               "Premium_LRS",
		"topology.disk.csi.azure.com/zone":          zone,
		"topology.kubernetes.io/region":             "westeurope",
		"topology.kubernetes.io/zone":               zone,
		"kubernetes.azure.com/network-name":         "platform-vnet",
		"kubernetes.azure.com/network-subscription": "00000000-0000-0000-0000-000000000000",
	} {
		n.Labels[key] = value
	}
	n.UID = types.UID(fmt.Sprintf("00000000-0000-0000-0000-%012d", i))
	n.ResourceVersion = strconv.Itoa(1_000_000 + i)
	n.Annotations = map[string]string{
		"csi.volume.kubernetes.io/nodeid":                        `{"disk.csi.azure.com":"` + name + `","file.csi.azure.com":"` + name + `"}`,
		"volumes.kubernetes.io/controller-managed-attach-detach": "true",
	}
	n.Spec.Taints = []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}}
	n.Status.Capacity = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("32Gi"), corev1.ResourcePods: resource.MustParse("60"),
	}
	n.Status.Conditions = append(n.Status.Conditions,
		corev1.NodeCondition{Type: corev1.NodeMemoryPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasSufficientMemory"},
		corev1.NodeCondition{Type: corev1.NodeDiskPressure, Status: corev1.ConditionFalse, Reason: "KubeletHasNoDiskPressure"})
	for k := range 5 {
		n.Status.Images = append(n.Status.Images, corev1.ContainerImage{
			Names:     []string{fmt.Sprintf("registry.example.com/team/application-%d@sha256:%064d", k, k), fmt.Sprintf("registry.example.com/team/application-%d:v1", k)},
			SizeBytes: 1 << 30,
		})
	}
	return n
}
