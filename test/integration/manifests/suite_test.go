// Package manifests_test applies the shipped manifests to a real control plane, with no webhook running: the
// state in which a cluster must not be worse off than without them.
package manifests_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/manifests"
)

const (
	namespace = "mullion-system"
	// patience bounds what takes seconds on a machine that has nothing else to do.
	patience = 3 * time.Minute
)

// installation is a cluster into which the default overlay was applied, and the repository's root.
type installation struct {
	cluster *localcluster.Cluster
	admin   kubernetes.Interface
	root    string
}

// shared is written by TestMain only. Each test keeps to names of its own.
var shared *installation

func TestMain(m *testing.M) {
	os.Exit(framework.OnCluster(m, localcluster.Options{RunPods: true}, func(ctx context.Context, cluster *localcluster.Cluster) (func() error, error) {
		var err error
		shared, err = install(ctx, cluster)
		return nil, err
	}))
}

// install applies the overlay as a person would, and lets calls of the webhook end at a port of this machine
// where nobody listens.
func install(ctx context.Context, cluster *localcluster.Cluster) (*installation, error) {
	root, err := manifests.Root()
	if err != nil {
		return nil, err
	}
	admin, err := kubernetes.NewForConfig(cluster.RESTConfig())
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	if _, err := cluster.Nodes.Add(ctx, hollow.NodeSpec{Name: "linux-1"}, hollow.NodeSpec{Name: "linux-2"}); err != nil {
		return nil, err
	}
	if err := cluster.Apply(ctx, filepath.Join(root, "manifests/overlays/default")); err != nil {
		return nil, err
	}
	if err := cluster.RouteServiceToLoopback(ctx, namespace, "mullion-webhook"); err != nil {
		return nil, err
	}
	return &installation{cluster: cluster, admin: admin, root: root}, nil
}

func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func makeNamespace(ctx context.Context, t *testing.T, name string, labels map[string]string) {
	t.Helper()
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
	if _, err := shared.admin.CoreV1().Namespaces().Create(ctx, object, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for { // The service account, without which no pod is admitted.
		_, err := shared.admin.CoreV1().ServiceAccounts(name).Get(ctx, "default", metav1.GetOptions{})
		if err == nil {
			return
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			t.Fatalf("waiting for the service account of namespace %s: %v", name, err)
		}
	}
}
