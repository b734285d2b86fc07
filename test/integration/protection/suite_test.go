// Package protection_test applies the shipped ValidatingAdmissionPolicy to a real control plane and has identities with
// rights of their own try to change Windows nodes.
package protection_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

const (
	// ours has been joined by the node manager, and theirs by somebody else. spare is ours too, for tests that change
	// what they look at.
	ours, spare, theirs, linux = "ours", "spare", "theirs", "linux"
	// patience bounds what takes seconds on a machine that has nothing else to do.
	patience = 2 * time.Minute
)

// shared is written by TestMain only.
var shared struct {
	cluster *localcluster.Cluster
	// root is in system:masters.
	root kubernetes.Interface
	// people are those who try, by what they are.
	people map[string]kubernetes.Interface
}

func TestMain(m *testing.M) {
	os.Exit(framework.OnCluster(m, localcluster.Options{}, prepare))
}

// prepare makes the nodes, then protects them, and waits until that is so.
func prepare(ctx context.Context, cluster *localcluster.Cluster) (stop func() error, err error) {
	shared.cluster = cluster
	if shared.root, err = kubernetes.NewForConfig(cluster.RESTConfig()); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	if err := addNodes(ctx); err != nil {
		return nil, err
	}
	if err := framework.ApplyShipped(ctx, cluster, "overlays/development"); err != nil {
		return nil, err
	}
	if err := meet(ctx); err != nil {
		return nil, err
	}
	return nil, waitProtected(ctx)
}

func addNodes(ctx context.Context) error {
	windows := func(name string) hollow.NodeSpec {
		return hollow.NodeSpec{
			Name: name, Build: "10.0.20348", Labels: map[string]string{"node.openshift.io/os_id": "Windows", v1alpha1.LabelBYOH: "true"},
			Taints: []corev1.Taint{{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}},
		}
	}
	if _, err := shared.cluster.Nodes.Add(ctx, windows(ours), windows(spare), windows(theirs), hollow.NodeSpec{Name: linux}); err != nil {
		return err
	}
	for _, name := range []string{ours, spare} {
		_, err := patch(ctx, shared.root, name, "", `{"metadata":{"annotations":{"mullion.dev/host":"mullion-system/`+name+`","mullion.dev/cordoned":"change","windowsmachineconfig.openshift.io/version":"1"}}}`, metav1.PatchOptions{})
		if err != nil {
			return fmt.Errorf("annotating node %s: %w", name, err)
		}
	}
	return nil
}

// waitProtected waits until the API server enforces the policy, and lets the node manager through by its new rights.
func waitProtected(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	const change = `{"metadata":{"labels":{"mullion.dev/probe":"1"}}}`
	dry := metav1.PatchOptions{DryRun: []string{metav1.DryRunAll}}
	for {
		_, byRoot := patch(ctx, shared.root, ours, "", change, dry)
		_, byNodeManager := patch(ctx, shared.people["node manager"], ours, "", change, dry)
		if isRefused(byRoot) && byNodeManager == nil {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waiting until nodes are protected: root: %w, node manager: %w", byRoot, byNodeManager)
		}
	}
}
