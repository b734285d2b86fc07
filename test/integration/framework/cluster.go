package framework

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/manifests"
)

// OnCluster starts a control plane that has nothing of ours, has prepare make of it what the tests of a package need, runs
// them and returns the exit code. What prepare returns ends what it has started; nil is that there is nothing to end.
func OnCluster(
	m *testing.M, o localcluster.Options, prepare func(context.Context, *localcluster.Cluster) (stop func() error, err error),
) int {
	code, err := onCluster(m, o, prepare)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func onCluster(
	m *testing.M, o localcluster.Options, prepare func(context.Context, *localcluster.Cluster) (func() error, error),
) (code int, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	o.Log = os.Stderr
	cluster, err := localcluster.Start(ctx, o)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	stop, err := prepare(ctx, cluster)
	if stop != nil {
		defer func() { err = errors.Join(err, stop()) }()
	}
	if err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// ApplyShipped applies files and kustomizations below the folder of manifests, in this order, and waits until the
// kinds that they define can be used.
func ApplyShipped(ctx context.Context, cluster *localcluster.Cluster, paths ...string) error {
	root, err := manifests.Root()
	if err != nil {
		return err
	}
	for _, path := range paths {
		flag := "-k"
		if filepath.Ext(path) == ".yaml" {
			flag = "-f"
		}
		if _, err := cluster.Kubectl(ctx, nil, "apply", "--server-side", flag, filepath.Join(root, "manifests", filepath.FromSlash(path))); err != nil {
			return err
		}
	}
	_, err = cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout=1m", "crd", "--all")
	return err
}

// NodeManager is how the node manager reaches the API server.
func NodeManager(ctx context.Context, cluster *localcluster.Cluster) (*rest.Config, error) {
	account, err := cluster.ServiceAccount(ctx, install.Namespace, "mullion-nodemanager")
	if err != nil {
		return nil, err
	}
	return account.RESTConfig(), nil
}

// Scheme has the kinds of Kubernetes, and ours.
func Scheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, fmt.Errorf("registering kinds: %w", err)
	}
	return scheme, nil
}

// StartManager runs controllers in this process, and returns what ends them. The context bounds only the start.
func StartManager(ctx context.Context, config *rest.Config, setUp func(ctrl.Manager) error) (stop func() error, err error) {
	ctrl.SetLogger(logr.Discard())
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	mgr, err := ctrl.NewManager(config, manager.Options{
		Scheme: scheme, Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, fmt.Errorf("making a manager: %w", err)
	}
	if err := setUp(mgr); err != nil {
		return nil, err
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(running) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}
