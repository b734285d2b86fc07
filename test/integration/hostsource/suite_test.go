// Package hostsource_test runs the sources of hosts on a real API server, with the shipped rights: what server-side apply
// makes of lists and what a host is deleted by is the API server's to say.
package hostsource_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/clusterapi"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
	"github.com/mullion-dev/mullion/pkg/hostsource/openshift"
	"github.com/mullion-dev/mullion/pkg/hostsource/userdata"
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
	// namespace is where the hosts are.
	namespace = "mullion-system"
)

// shared is written by TestMain only.
var shared struct {
	cluster *localcluster.Cluster
	// root is the administrator's client.
	root client.Client
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
	cluster, err := localcluster.Start(ctx, localcluster.Options{Log: os.Stderr})
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, cluster.Stop()) }()
	shared.cluster = cluster
	config, err := install(ctx)
	if err != nil {
		return 1, err
	}
	stop, err := start(ctx, config)
	if err != nil {
		return 1, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	return m.Run(), nil
}

// install applies what the manifests say of the node manager and of machines, and returns how the former reaches the API
// server.
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
		"testdata/machines.yaml", shipped("base/namespace.yaml"), shipped("base/nodemanager/serviceaccount.yaml"),
		shipped("base/nodemanager/rbac.yaml"), shipped("components/hosts/rbac.yaml"), shipped("components/hosts/namespace.yaml"),
		shipped("components/openshift/rbac.yaml"), shipped("components/cluster-api/rbac.yaml"),
	} {
		if _, err := shared.cluster.Kubectl(ctx, nil, "apply", "--server-side", "-f", file); err != nil {
			return nil, err
		}
	}
	if _, err := shared.cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout=1m", "crd", "--all"); err != nil {
		return nil, err
	}
	if shared.root, err = client.New(shared.cluster.RESTConfig(), client.Options{Scheme: scheme()}); err != nil {
		return nil, err
	}
	account, err := shared.cluster.ServiceAccount(ctx, namespace, "mullion-nodemanager")
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

// start runs every source as the node manager does, and returns what ends it.
func start(ctx context.Context, config *rest.Config) (stop func() error, err error) {
	ctrl.SetLogger(logr.Discard())
	mgr, err := ctrl.NewManager(config, manager.Options{
		Scheme: scheme(), Logger: logr.Discard(), Metrics: metricsserver.Options{BindAddress: "0"},
	})
	if err != nil {
		return nil, err
	}
	capi, err := clusterapi.API("production", "")
	if err != nil {
		return nil, err
	}
	recorder := mgr.GetEventRecorder("mullion-nodemanager")
	sources := []interface{ SetupWithManager(manager.Manager) error }{
		&instances.Reconciler{
			Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: recorder,
			List: types.NamespacedName{Namespace: namespace, Name: instances.DefaultName},
		},
		&userdata.Reconciler{
			Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: recorder, Platform: userdata.AWS,
			Keys:     types.NamespacedName{Namespace: namespace, Name: "cloud-private-key"},
			UserData: types.NamespacedName{Namespace: openshift.Namespace, Name: userdata.DefaultName},
		},
	}
	for _, api := range []machines.API{openshift.API(), capi} {
		sources = append(sources, &machines.Source{
			Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: recorder, Namespace: namespace, Machines: api,
		})
	}
	for _, source := range sources {
		if err := source.SetupWithManager(mgr); err != nil {
			return nil, err
		}
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(running) }()
	return func() error {
		cancel()
		return <-ended
	}, nil
}
