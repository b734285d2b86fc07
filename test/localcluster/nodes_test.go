package localcluster_test

import (
	"context"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/utils/ptr"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

// addNodes adds hollow nodes that end with the test, and waits until pods may be put on them.
func addNodes(ctx context.Context, t *testing.T, specs ...hollow.NodeSpec) []*hollow.Node {
	t.Helper()
	nodes, err := shared.Nodes.Add(ctx, specs...)
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range nodes {
		t.Cleanup(func() { //nolint:contextcheck // See below.
			ctx, cancel := context.WithTimeout(context.Background(), patience) // The test's own has ended.
			defer cancel()
			if err := node.Remove(ctx); err != nil {
				t.Error(err)
			}
		})
		if err := shared.Nodes.WaitSchedulable(ctx, node.Name()); err != nil {
			t.Fatal(err)
		}
	}
	return nodes
}

// newPod makes a Windows pod. A fleet shared by tests calls for a selector of its own nodes.
func newPod(name string, selector map[string]string) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: corev1.PodSpec{
			OS:           &corev1.PodOS{Name: corev1.Windows},
			NodeSelector: selector,
			Containers:   []corev1.Container{{Name: "app", Image: "mcr.microsoft.com/windows/nanoserver:ltsc2022"}},
		},
	}
}

func createPod(ctx context.Context, t *testing.T, client kubernetes.Interface, namespace string, pod *corev1.Pod) {
	t.Helper()
	if _, err := client.CoreV1().Pods(namespace).Create(ctx, pod, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// waitForPod waits until a pod satisfies a condition and returns it.
func waitForPod(
	ctx context.Context, t *testing.T, client kubernetes.Interface, namespace, name, what string, satisfied func(*corev1.Pod) bool,
) *corev1.Pod {
	t.Helper()
	var pod *corev1.Pod
	eventually(ctx, t, "pod "+name+" "+what, func(ctx context.Context) (found bool, err error) {
		pod, err = client.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
		return err == nil && satisfied(pod), err
	})
	return pod
}

func TestTheSchedulerBindsPodsToNodesOfTheBuildTheySelect(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)
	builds := map[string]string{"ws2019": "10.0.17763", "ws2022": "10.0.20348", "ws2025": "10.0.26100"}
	own := map[string]string{"test": "builds"}
	for name, build := range builds {
		addNodes(ctx, t, hollow.NodeSpec{Name: name, Build: build, Labels: own})
	}
	for node, build := range builds {
		createPod(ctx, t, client, namespace, newPod("on-"+node, map[string]string{corev1.LabelWindowsBuild: build, "test": "builds"}))
	}
	for node := range builds {
		pod := waitForPod(ctx, t, client, namespace, "on-"+node, "runs", func(p *corev1.Pod) bool {
			return p.Status.Phase == corev1.PodRunning
		})
		if pod.Spec.NodeName != node {
			t.Errorf("pod %s is bound to %s, want %s", pod.Name, pod.Spec.NodeName, node)
		}
	}
}

func TestAHollowNodeLooksLikeAWindowsNode(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	addNodes(ctx, t, hollow.NodeSpec{
		Name:   "looks",
		Build:  "10.0.20348",
		Taints: []corev1.Taint{{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}},
	})
	node, err := adminClient(t, shared).CoreV1().Nodes().Get(ctx, "looks", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		corev1.LabelOSStable:     "windows",
		corev1.LabelArchStable:   "amd64",
		corev1.LabelHostname:     "looks",
		corev1.LabelWindowsBuild: "10.0.20348",
	} {
		if got := node.Labels[key]; got != want {
			t.Errorf("label %s is %q, want %q", key, got, want)
		}
	}
	if got, want := node.Status.NodeInfo.KernelVersion, "10.0.20348.2700"; got != want {
		t.Errorf("kernel version is %q, want %q", got, want)
	}
	if len(node.Spec.Taints) != 1 || node.Spec.Taints[0].Key != "os" {
		t.Errorf("taints are %v, want the node's own only", node.Spec.Taints)
	}
}

func TestASilentNodeLosesItsPodsAndComesBack(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)
	node := addNodes(ctx, t,
		hollow.NodeSpec{Name: "silent", Build: "10.0.20348", Labels: map[string]string{"test": "silent"}},
		hollow.NodeSpec{Name: "companion", Build: "10.0.20348"})[0] // Nothing is evicted while all nodes are silent.
	pod := newPod("evicted", map[string]string{"test": "silent"})
	pod.Spec.Tolerations = []corev1.Toleration{{
		Key: corev1.TaintNodeUnreachable, Operator: corev1.TolerationOpExists,
		Effect: corev1.TaintEffectNoExecute, TolerationSeconds: ptr.To[int64](0),
	}}
	createPod(ctx, t, client, namespace, pod)
	waitForPod(ctx, t, client, namespace, "evicted", "runs", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })

	node.Silence()
	err := shared.Nodes.WaitFor(ctx, "silent", func(n *corev1.Node) bool { return readiness(n) == corev1.ConditionUnknown })
	if err != nil {
		t.Fatalf("waiting until the node lifecycle controller misses the node: %v", err)
	}
	waitForPod(ctx, t, client, namespace, "evicted", "is being deleted", func(p *corev1.Pod) bool { return p.DeletionTimestamp != nil })

	node.Resume()
	if err := shared.Nodes.WaitSchedulable(ctx, "silent"); err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the node has ended its pod", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Pods(namespace).Get(ctx, "evicted", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}

func TestANodeReportsThatItIsNotReady(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	node := addNodes(ctx, t, hollow.NodeSpec{Name: "unready", Build: "10.0.17763"})[0]
	node.SetReady(false)
	err := shared.Nodes.WaitFor(ctx, "unready", func(n *corev1.Node) bool { return readiness(n) == corev1.ConditionFalse })
	if err != nil {
		t.Fatal(err)
	}
	node.SetReady(true)
	if err := shared.Nodes.WaitSchedulable(ctx, "unready"); err != nil {
		t.Fatal(err)
	}
}

func TestANodeRefusesPodsOfAnotherOperatingSystem(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)
	addNodes(ctx, t, hollow.NodeSpec{Name: "linux", Labels: map[string]string{"test": "refuses"}})
	createPod(ctx, t, client, namespace, newPod("windows", map[string]string{"test": "refuses"}))
	pod := waitForPod(ctx, t, client, namespace, "windows", "is refused", func(p *corev1.Pod) bool {
		return p.Status.Phase == corev1.PodFailed
	})
	if got, want := pod.Status.Reason, "PodOSNotSupported"; got != want {
		t.Errorf("reason is %q, want %q", got, want)
	}
}

func TestANodeEndsPodsThatAreDeleted(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)
	addNodes(ctx, t, hollow.NodeSpec{Name: "ends", Build: "10.0.26100", Labels: map[string]string{"test": "ends"}})
	createPod(ctx, t, client, namespace, newPod("short", map[string]string{"test": "ends"}))
	waitForPod(ctx, t, client, namespace, "short", "runs", func(p *corev1.Pod) bool { return p.Status.Phase == corev1.PodRunning })
	if err := client.CoreV1().Pods(namespace).Delete(ctx, "short", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the pod is gone", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().Pods(namespace).Get(ctx, "short", metav1.GetOptions{})
		return apierrors.IsNotFound(err), nil
	})
}

func readiness(node *corev1.Node) corev1.ConditionStatus {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status
		}
	}
	return ""
}
