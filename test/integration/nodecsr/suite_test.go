// Package nodecsr_test joins hosts to a real control plane: by bootstrap tokens that its API server authenticates, and by
// certificates that its controller manager signs. Everything of ours runs with the shipped rights.
package nodecsr_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/nodecsr/approver"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
)

const (
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
	os.Exit(framework.OnCluster(m, localcluster.Options{APIServerArgs: []string{"--enable-bootstrap-token-auth"}}, prepare))
}

// prepare applies what the manifests say of nodes that join and of the node manager, and runs the approver as that does.
func prepare(ctx context.Context, cluster *localcluster.Cluster) (stop func() error, err error) {
	shared.cluster = cluster
	err = framework.ApplyShipped(ctx, cluster, "base/crds", "base/namespace.yaml", "base/nodemanager/serviceaccount.yaml",
		"base/nodemanager/rbac.yaml", "components/hosts/join.yaml", "components/hosts/rbac.yaml", "components/hosts/tokens.yaml")
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

// setUp adds the approver to a manager, and makes the issuer, which has the same rights.
func setUp(mgr manager.Manager) error {
	r, err := approver.New(approver.Options{
		Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: mgr.GetEventRecorder("mullion-nodemanager"),
		Cluster: func(context.Context) (nodeconfig.Cluster, error) {
			return nodeconfig.Cluster{Server: shared.cluster.RESTConfig().Host, Domain: "cluster.local"}, nil
		},
		Registry: prometheus.NewPedanticRegistry(),
	})
	if err != nil {
		return err
	}
	shared.issuer = &joincredentials.Issuer{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Clock: clock.RealClock{}}
	return r.SetupWithManager(mgr)
}
