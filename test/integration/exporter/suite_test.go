// Package exporter_test lets a real API server judge what is kept for Prometheus, beside the controllers of Kubernetes that
// keep EndpointSlices, too.
package exporter_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
)

const (
	namespace = "mullion-system"
	// patience bounds what takes seconds on a machine that has nothing else to do.
	patience = 2 * time.Minute
)

// shared is written by TestMain only.
var shared struct {
	cluster *localcluster.Cluster
	client  client.Client
}

func TestMain(m *testing.M) {
	os.Exit(framework.OnCluster(m, localcluster.Options{}, prepare))
}

func prepare(ctx context.Context, cluster *localcluster.Cluster) (stop func() error, err error) {
	shared.cluster = cluster
	if err := framework.ApplyShipped(ctx, cluster, "overlays/development"); err != nil {
		return nil, err
	}
	scheme, err := framework.Scheme()
	if err != nil {
		return nil, err
	}
	if shared.client, err = client.New(cluster.RESTConfig(), client.Options{Scheme: scheme}); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	_, err = cluster.Nodes.Add(ctx, hollow.NodeSpec{Name: "win-1", Build: "10.0.20348"})
	return nil, err
}
