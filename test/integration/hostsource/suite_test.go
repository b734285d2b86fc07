// Package hostsource_test runs the sources of hosts on a real API server, with the shipped rights: what server-side apply
// makes of lists and what a host is deleted by is the API server's to say.
package hostsource_test

import (
	"context"
	"os"
	"testing"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/pkg/hostsource/clusterapi"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
	"github.com/mullion-dev/mullion/pkg/hostsource/openshift"
	"github.com/mullion-dev/mullion/pkg/hostsource/userdata"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
)

const (
	// patience bounds every wait for what takes a second or two on a machine that has nothing else to do.
	patience = time.Minute
	// interval is how often something is looked at that is waited for.
	interval = 50 * time.Millisecond
	// namespace is where the hosts are.
	namespace = "mullion-system"
)

// shared is written by TestMain only.
var shared struct {
	// root is the administrator's client.
	root client.Client
}

func TestMain(m *testing.M) {
	os.Exit(framework.OnCluster(m, localcluster.Options{}, prepare))
}

// prepare applies what the manifests say of the node manager and of machines, and runs every source as the node manager does.
func prepare(ctx context.Context, cluster *localcluster.Cluster) (stop func() error, err error) {
	if _, err := cluster.Kubectl(ctx, nil, "apply", "--server-side", "-f", "testdata/machines.yaml"); err != nil {
		return nil, err
	}
	err = framework.ApplyShipped(ctx, cluster, "base/crds", "base/namespace.yaml", "base/nodemanager/serviceaccount.yaml",
		"base/nodemanager/rbac.yaml", "components/hosts/rbac.yaml", "components/hosts/namespace.yaml",
		"components/openshift/rbac.yaml", "components/cluster-api/rbac.yaml")
	if err != nil {
		return nil, err
	}
	scheme, err := framework.Scheme()
	if err != nil {
		return nil, err
	}
	if shared.root, err = client.New(cluster.RESTConfig(), client.Options{Scheme: scheme}); err != nil {
		return nil, err
	}
	config, err := framework.NodeManager(ctx, cluster)
	if err != nil {
		return nil, err
	}
	return framework.StartManager(ctx, config, setUp)
}

// setUp adds the sources to a manager.
func setUp(mgr manager.Manager) error {
	capi, err := clusterapi.API("production", "")
	if err != nil {
		return err
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
			return err
		}
	}
	return nil
}
