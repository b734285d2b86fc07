// Package uninstall_test installs everything that is shipped into a real control plane, has Windows hosts join it, and
// executes the commands by which docs/operations.md says that it goes again: hosts and cluster have to be as they were.
package uninstall_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/registry"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

const (
	// startTimeout has room for building the control plane, which takes minutes once.
	startTimeout = 25 * time.Minute
	// patience bounds what takes half a minute at most on a machine that has nothing else to do.
	patience = 5 * time.Minute
	// interval is how often something is looked at that is waited for.
	interval = 200 * time.Millisecond
)

// elsewhere is a Windows node that is not ours.
const elsewhere = "elsewhere"

// suite is what tests share: a cluster in which nothing of ours is, and hosts that nobody knows of.
type suite struct {
	cluster  *localcluster.Cluster
	registry *registry.Registry
	hosts    *scriptedhosts.Fleet
	bundle   string
	programs install.Programs
	// All clients are the administrator's.
	kube    kubernetes.Interface
	client  client.Client
	dynamic dynamic.Interface
}

// shared is written by TestMain only.
var shared suite

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) (code int) {
	log.SetLogger(logr.Discard())
	ctx, cancel := context.WithTimeout(context.Background(), startTimeout)
	defer cancel()
	err := shared.start(ctx)
	if err == nil {
		code = m.Run()
	}
	if err = errors.Join(err, shared.stop()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func (s *suite) start(ctx context.Context) (err error) {
	if s.cluster, err = localcluster.Start(ctx, localcluster.Options{RunPods: true, Log: os.Stderr}); err != nil {
		return err
	}
	if err := s.connect(); err != nil {
		return err
	}
	if s.registry, err = registry.Start(registry.Options{}); err != nil {
		return err
	}
	if err := s.registry.PushCatalog(ctx, registry.Catalog()); err != nil {
		return err
	}
	if s.bundle, err = scriptedhosts.PushBundle(ctx, s.registry.Host()+"/windows/node", nodebundle.DefaultVersion); err != nil {
		return err
	}
	if s.hosts, err = scriptedhosts.New(scriptedhosts.Options{}); err != nil {
		return err
	}
	if s.programs, err = install.Build(ctx, ""); err != nil {
		return err
	}
	// What is there before us: nodes, the machines of OpenShift, and the namespace that they are in.
	if _, err := s.cluster.Kubectl(ctx, nil, "apply", "--server-side", "-f", "../hostsource/testdata/machines.yaml"); err != nil {
		return err
	}
	taint := corev1.Taint{Key: "os", Value: "Windows", Effect: corev1.TaintEffectNoSchedule}
	if _, err := s.cluster.Nodes.Add(ctx, hollow.NodeSpec{Name: "linux"},
		hollow.NodeSpec{Name: elsewhere, Build: framework.Build2022, Taints: []corev1.Taint{taint}}); err != nil {
		return err
	}
	return s.cluster.Nodes.WaitSchedulable(ctx, "linux", elsewhere)
}

func (s *suite) connect() (err error) {
	if s.kube, err = kubernetes.NewForConfig(s.cluster.RESTConfig()); err != nil {
		return err
	}
	config := s.cluster.RESTConfig()
	config.WarningHandler = rest.NoWarnings{} // Of old kinds, which are read as well.
	if s.dynamic, err = dynamic.NewForConfig(config); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	s.client, err = client.New(s.cluster.RESTConfig(), client.Options{Scheme: scheme})
	return err
}

// stop ends what has been started.
func (s *suite) stop() (err error) {
	if s.hosts != nil {
		err = s.hosts.Close()
	}
	if s.registry != nil {
		s.registry.Close()
	}
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.Stop())
	}
	return err
}
