// Package nodecsr_test joins hosts to a real control plane: by bootstrap tokens that its API server authenticates, and by
// certificates that its controller manager signs. Everything of ours runs with the shipped rights.
package nodecsr_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/pkg/nodecsr/approver"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/manifests"
)

const (
	// startTimeout has room for building the control plane, which takes minutes once.
	startTimeout = 25 * time.Minute
	// patience bounds every wait for what takes a second or two on a machine that has nothing else to do.
	patience = time.Minute
	// interval is how often something is looked at that is waited for.
	interval = 50 * time.Millisecond
)

// shared is written by TestMain only.
var shared struct {
	cluster *localcluster.Cluster
	// root is the administrator's client, and issuer has the rights of the node manager.
	root   client.Client
	issuer *joincredentials.Issuer
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
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	cluster, err := localcluster.Start(ctx, localcluster.Options{
		Log: os.Stderr, APIServerArgs: []string{"--enable-bootstrap-token-auth"},
	})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	shared.cluster = cluster
	config, err := install(ctx)
	if err != nil {
		return 1, err
	}
	stop, err := startApprover(ctx, config)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return m.Run(), nil
}

// install applies what the manifests say of nodes that join and of the node manager, and returns how the latter reaches the
// API server.
func install(ctx context.Context) (*rest.Config, error) {
	root, err := manifests.Root()
	if err != nil {
		return nil, err
	}
	shipped := func(path string) string { return filepath.Join(root, "manifests", filepath.FromSlash(path)) }
	if err := shared.cluster.Apply(ctx, shipped("base/crds")); err != nil {
		return nil, err
	}
	for _, file := range []string{
		"base/namespace.yaml", "base/nodemanager/serviceaccount.yaml", "base/nodemanager/rbac.yaml", "base/nodemanager/join.yaml",
		"components/hosts/rbac.yaml", "components/hosts/tokens.yaml",
	} {
		if _, err := shared.cluster.Kubectl(ctx, nil, "apply", "--server-side", "-f", shipped(file)); err != nil {
			return nil, err
		}
	}
	if _, err := shared.cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout=1m", "crd", "--all"); err != nil {
		return nil, err
	}
	if shared.root, err = client.New(shared.cluster.RESTConfig(), client.Options{Scheme: scheme()}); err != nil {
		return nil, err
	}
	account, err := shared.cluster.ServiceAccount(ctx, "mullion-system", "mullion-nodemanager")
	if err != nil {
		return nil, err
	}
	return account.RESTConfig(), nil
}

func scheme() *runtime.Scheme {
	known := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(known), v1alpha1.AddToScheme(known)); err != nil {
		panic(err) // The types do not fit together: nothing here could work.
	}
	return known
}

// startApprover runs the controller as the node manager does, and returns what ends it.
func startApprover(ctx context.Context, config *rest.Config) (stop func() error, err error) {
	ctrl.SetLogger(logr.Discard())
	mgr, err := ctrl.NewManager(config, manager.Options{
		Scheme: scheme(), Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, err
	}
	r, err := approver.New(approver.Options{
		Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("mullion-nodemanager"),
		Registry: prometheus.NewPedanticRegistry(),
	})
	if err != nil {
		return nil, err
	}
	if err := r.SetupWithManager(mgr); err != nil {
		return nil, err
	}
	shared.issuer = &joincredentials.Issuer{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Clock: clock.RealClock{}}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(running) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}
