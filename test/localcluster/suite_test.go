package localcluster_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/localcluster"
)

// patience bounds what the control plane does within seconds on a machine that has nothing else to do.
const patience = 3 * time.Minute

// shared is the cluster that most tests use; each keeps to its own namespace and nodes. It is written by
// TestMain only.
var shared *localcluster.Cluster

func TestMain(m *testing.M) {
	if os.Getenv(crashVariable) != "" {
		startAndHang()
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	started := time.Now()
	var err error
	shared, err = localcluster.Start(context.Background(), localcluster.Options{
		NodeGracePeriod: 4 * time.Second,
		RunPods:         true,
		Audit:           true,
		Log:             os.Stderr,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprintln(os.Stderr, "control plane ready after", time.Since(started).Round(time.Millisecond))
	code := m.Run()
	if err := shared.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func adminClient(t *testing.T, cluster *localcluster.Cluster) kubernetes.Interface {
	t.Helper()
	client, err := kubernetes.NewForConfig(cluster.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// newNamespace makes a namespace whose default service account exists, so that pods may be created.
func newNamespace(ctx context.Context, t *testing.T, client kubernetes.Interface) string {
	t.Helper()
	namespace, err := client.CoreV1().Namespaces().Create(ctx,
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the namespace has its default service account", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().ServiceAccounts(namespace.Name).Get(ctx, "default", metav1.GetOptions{})
		return err == nil, nil
	})
	return namespace.Name
}

// eventually waits until a condition holds. A condition that returns an error ends the test.
func eventually(ctx context.Context, t *testing.T, what string, condition wait.ConditionWithContextFunc) {
	t.Helper()
	if err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, condition); err != nil {
		t.Fatalf("waiting until %s: %v", what, err)
	}
}
