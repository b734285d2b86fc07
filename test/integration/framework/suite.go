package framework

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/registry"
)

const (
	// startTimeout has room for building the control plane, which takes minutes once.
	startTimeout = 25 * time.Minute
	// Patience bounds every wait for what takes a second or two on a machine that has nothing else to do.
	Patience = 90 * time.Second
)

// Setup says how a suite differs from the one that the zero value describes: one replica of each program.
type Setup struct {
	Cluster localcluster.Options
	Install install.Options
	// Fleet is the nodes; nil is those of the function Fleet.
	Fleet []hollow.NodeSpec
	// Before, where it is set, prepares the cluster before anything is installed; an error fails the suite.
	Before func(context.Context, *localcluster.Cluster) error
	// Finally, where it is set, is asked when all tests have run, and fails the suite by an error.
	Finally func() error
}

// Suite is what the tests of a package share.
type Suite struct {
	Cluster *localcluster.Cluster
	Mullion *install.Installation
	// Registry holds the catalog of images. Private holds it too, for those who know the credentials.
	Registry, Private *registry.Registry
	// faulty are registries that nobody has used yet; see Scene.FaultyRegistry.
	faulty     chan *registry.Registry
	registries []*registry.Registry // All of them.
	// Kube and Client are the administrator's; Client knows policies.
	Kube   kubernetes.Interface
	Client client.Client
}

// Main starts a suite, hands it to use, runs the tests and returns the exit code.
func Main(m *testing.M, setup Setup, use func(*Suite)) int {
	code, err := run(m, setup, use)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m *testing.M, setup Setup, use func(*Suite)) (code int, err error) {
	log.SetLogger(logr.Discard()) // The client of our kinds would complain that it has nowhere to log to.
	s := &Suite{}
	defer func() { err = errors.Join(err, s.stop()) }()
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	if err := s.start(ctx, setup); err != nil {
		return 1, errors.Join(err, s.programLogs())
	}
	use(s)
	code = m.Run()
	if setup.Finally != nil {
		err = setup.Finally()
	}
	return code, err
}

func (s *Suite) start(ctx context.Context, setup Setup) (err error) {
	setup.Cluster.RunPods = true
	setup.Cluster.Audit = true
	setup.Cluster.Log = os.Stderr
	if s.Cluster, err = localcluster.Start(ctx, setup.Cluster); err != nil {
		return err
	}
	if setup.Before != nil {
		if err := setup.Before(ctx, s.Cluster); err != nil {
			return fmt.Errorf("preparing the cluster: %w", err)
		}
	}
	if err := s.connect(); err != nil {
		return err
	}
	if err := s.startRegistries(ctx); err != nil {
		return err
	}
	if setup.Fleet == nil {
		setup.Fleet = Fleet()
	}
	nodes, err := s.Cluster.Nodes.Add(ctx, setup.Fleet...)
	if err != nil {
		return err
	}
	if setup.Install.WebhookReplicas == 0 {
		setup.Install.WebhookReplicas = 1
	}
	if setup.Install.NodeManagerReplicas == 0 {
		setup.Install.NodeManagerReplicas = 1
	}
	insecure := "--insecure-registries=" + strings.Join(s.registryHosts(), ",")
	setup.Install.WebhookArgs = append(setup.Install.WebhookArgs, insecure)
	setup.Install.NodeManagerArgs = append(setup.Install.NodeManagerArgs, insecure)
	if s.Mullion, err = install.Install(ctx, s.Cluster, setup.Install); err != nil {
		return err
	}
	for _, node := range nodes {
		if err := s.Cluster.Nodes.WaitSchedulable(ctx, node.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Suite) connect() (err error) {
	if s.Kube, err = kubernetes.NewForConfig(s.Cluster.RESTConfig()); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	if s.Client, err = client.New(s.Cluster.RESTConfig(), client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("making a client for policies: %w", err)
	}
	return nil
}

// stop ends what has been started.
func (s *Suite) stop() (err error) {
	if s.Mullion != nil {
		s.Mullion.Stop()
	}
	for _, r := range s.registries {
		r.Close()
	}
	if s.Cluster != nil {
		err = s.Cluster.Stop()
	}
	return err
}
