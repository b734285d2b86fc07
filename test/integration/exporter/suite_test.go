// Package exporter_test lets a real API server judge what is kept for Prometheus, beside the controllers of Kubernetes that
// keep EndpointSlices, too.
package exporter_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/manifests"
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
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (code int, err error) {
	// Building the control plane for the first time takes minutes; nothing else here does.
	ctx, cancel := context.WithTimeout(context.Background(), 25*time.Minute)
	defer cancel()
	cluster, err := localcluster.Start(ctx, localcluster.Options{Log: os.Stderr})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	shared.cluster = cluster
	root, err := manifests.Root()
	if err != nil {
		return 1, err
	}
	if err := cluster.Apply(ctx, filepath.Join(root, "manifests/overlays/development")); err != nil {
		return 1, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return 1, err
	}
	if shared.client, err = client.New(cluster.RESTConfig(), client.Options{Scheme: scheme}); err != nil {
		return 1, fmt.Errorf("making a client: %w", err)
	}
	if _, err := cluster.Nodes.Add(ctx, hollow.NodeSpec{Name: "win-1", Build: "10.0.20348"}); err != nil {
		return 1, err
	}
	return m.Run(), nil
}
