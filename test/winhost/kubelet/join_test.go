package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/winhost"
)

// patience bounds what takes seconds on a machine that has nothing else to do.
const patience = 3 * time.Minute

// kubeletConfiguration is a real one, as far as it matters here.
const kubeletConfiguration = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
cgroupsPerQOS: false
enforceNodeAllocatable: ["none"]
resolvConf: ""
registerWithTaints: [{key: os, value: Windows, effect: NoSchedule}]
`

// bootstrapGroup may ask for certificates, which the controller manager then approves and signs.
const bootstrapGroup = "system:bootstrappers"

func letJoin(ctx context.Context, t *testing.T, client kubernetes.Interface) {
	t.Helper()
	for _, role := range []string{"system:node-bootstrapper", "system:certificates.k8s.io:certificatesigningrequests:nodeclient"} {
		_, err := client.RbacV1().ClusterRoleBindings().Create(ctx, &rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "test:" + role},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.GroupKind, APIGroup: rbacv1.GroupName, Name: bootstrapGroup}},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		}, metav1.CreateOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// startKubelet installs and starts the kubelet as a service.
func startKubelet(ctx context.Context, t *testing.T, host *winhost.Host, program, bootstrap []byte) {
	t.Helper()
	files := map[string][]byte{
		`C:\k\kubelet.exe`: program, `C:\k\bootstrap-kubeconfig`: bootstrap, `C:\k\kubelet.conf`: []byte(kubeletConfiguration),
	}
	for path, content := range files {
		if err := host.WriteFile(path, content); err != nil {
			t.Fatal(err)
		}
	}
	const command = `C:\k\kubelet.exe --windows-service --config=C:\k\kubelet.conf --bootstrap-kubeconfig=C:\k\bootstrap-kubeconfig` +
		` --kubeconfig=C:\k\kubeconfig --cert-dir=C:\var\lib\kubelet\pki --root-dir=C:\var\lib\kubelet --v=2`
	if result, err := host.Exec(ctx, `sc.exe create kubelet binPath= "`+command+`" start= auto`); err != nil || result.ExitCode != 0 {
		t.Fatal(result, err)
	}
	const databaseLocked = 1055 // While the host boots.
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		result, err := host.Exec(ctx, "sc.exe start kubelet")
		if err == nil && result.ExitCode != 0 && result.ExitCode != databaseLocked {
			err = fmt.Errorf("%+v", result)
		}
		return result.ExitCode == 0, err
	})
	if err != nil {
		t.Fatalf("starting the kubelet: %v", err)
	}
}

// waitForNode waits until a Node is as wanted.
func waitForNode(ctx context.Context, t *testing.T, client kubernetes.Interface, host *winhost.Host, wanted func(*corev1.Node) bool) *corev1.Node {
	t.Helper()
	var node *corev1.Node
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (_ bool, err error) {
		node, err = client.CoreV1().Nodes().Get(ctx, strings.ToLower(host.Hostname()), metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil // The kubelet makes it.
		}
		return err == nil && wanted(node), err
	})
	if err != nil {
		logs, logsErr := host.Logs()
		t.Fatalf("waiting for node %s, which is %v: %v; %v %v", host.Hostname(), node, err, logs, logsErr)
	}
	return node
}

func isReady(node *corev1.Node) bool {
	for _, condition := range node.Status.Conditions {
		if condition.Type == corev1.NodeReady {
			return condition.Status == corev1.ConditionTrue
		}
	}
	return false
}

func TestHostsOfDifferentBuildsJoinACluster(t *testing.T) {
	program := buildKubelet(t.Context(), t) // Which takes minutes once.

	// For the cluster, and for each of two hosts.
	ctx, cancel := context.WithTimeout(t.Context(), 3*patience)
	defer cancel()
	cluster, err := localcluster.Start(ctx, localcluster.Options{Log: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cluster.Stop(); err != nil {
			t.Error(err)
		}
	}()
	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	letJoin(ctx, t, client)
	joiner, err := cluster.User("system:bootstrap:test", bootstrapGroup)
	if err != nil {
		t.Fatal(err)
	}
	bootstrap, err := os.ReadFile(joiner.Kubeconfig())
	if err != nil {
		t.Fatal(err)
	}
	for _, build := range []string{"10.0.17763", "10.0.26100"} {
		host, err := winhost.Start(ctx, winhost.Options{Build: build, UBR: 7})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := host.Close(); err != nil {
				t.Error(err)
			}
		}()
		startKubelet(ctx, t, host, program, bootstrap)
		node := waitForNode(ctx, t, client, host, isReady)
		if node.Labels[corev1.LabelWindowsBuild] != build || node.Labels[corev1.LabelOSStable] != "windows" {
			t.Errorf("labels are %v", node.Labels)
		}
		if got, want := node.Status.NodeInfo.KernelVersion, build+".7"; got != want {
			t.Errorf("kernel version is %s, want %s", got, want)
		}
		// Others are the control plane's.
		if !hasTaint(node, corev1.Taint{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}) {
			t.Errorf("taints are %v", node.Spec.Taints)
		}
		checkLease(ctx, t, client, node)
		checkHealth(ctx, t, host)

		boot := node.Status.NodeInfo.BootID
		if err := host.Reboot(ctx); err != nil {
			t.Fatal(err)
		}
		waitForNode(ctx, t, client, host, func(node *corev1.Node) bool { return node.Status.NodeInfo.BootID != boot })
	}
}

// buildKubelet also skips where there are no hosts, before a cluster is started in vain.
func buildKubelet(ctx context.Context, t *testing.T) []byte {
	t.Helper()
	_, err := winhost.Setup(ctx, winhost.SetupOptions{Log: os.Stderr})
	var unavailable *winhost.UnavailableError
	if errors.As(err, &unavailable) {
		lacking.Skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	path, err := winhost.BuildNodeProgram(ctx, "", "kubelet.exe")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func hasTaint(node *corev1.Node, wanted corev1.Taint) bool {
	for _, taint := range node.Spec.Taints {
		if taint.Key == wanted.Key && taint.Value == wanted.Value && taint.Effect == wanted.Effect {
			return true
		}
	}
	return false
}

func checkLease(ctx context.Context, t *testing.T, client kubernetes.Interface, node *corev1.Node) {
	t.Helper()
	leases := client.CoordinationV1().Leases(corev1.NamespaceNodeLease)
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		lease, err := leases.Get(ctx, node.Name, metav1.GetOptions{})
		if apierrors.IsNotFound(err) {
			return false, nil // It is made after the Node.
		}
		if err != nil {
			return false, err
		}
		return time.Since(lease.Spec.RenewTime.Time) < time.Minute, nil
	})
	if err != nil {
		t.Errorf("the lease of %s: %v", node.Name, err)
	}
}

func checkHealth(ctx context.Context, t *testing.T, host *winhost.Host) {
	t.Helper()
	// The certificate is the kubelet's own.
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	url := "https://" + net.JoinHostPort(host.IP(), "10250") + "/healthz"
	err := wait.PollUntilContextCancel(ctx, pollInterval, true, func(ctx context.Context) (bool, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
		if err != nil {
			return false, err
		}
		response, err := client.Do(request)
		if err != nil {
			return false, nil // It listens a moment after the node is ready.
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if err != nil || string(body) != "ok" || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %s %q %v", url, response.Status, body, err)
		}
		return true, nil
	})
	if err != nil {
		t.Errorf("%s: %v", url, err)
	}
}
