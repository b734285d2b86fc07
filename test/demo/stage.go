package demo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/registry"
	"github.com/mullion-dev/mullion/test/winhost"
)

// namespace is where the workloads are applied.
const namespace = "demo"

// stage is everything that the story needs. What has not been set up yet is nil.
type stage struct {
	root         string
	programs     install.Programs
	cluster      *localcluster.Cluster
	client       kubernetes.Interface
	registry     *registry.Registry
	installation *install.Installation
	scenes       []scene
	// kinds knows our own kinds.
	kinds client.Client
	// hosts are the Windows hosts, in the order of the fleet. There are none where they are unavailable.
	hosts       []*winhost.Host
	unavailable *winhost.UnavailableError
}

// close ends everything that has been started, last things first.
func (s *stage) close() (err error) {
	for _, host := range s.hosts {
		if host != nil {
			err = errors.Join(err, host.Close())
		}
	}
	if s.installation != nil {
		s.installation.Stop()
	}
	if s.registry != nil {
		s.registry.Close()
	}
	if s.cluster != nil {
		err = errors.Join(err, s.cluster.Stop())
	}
	return err
}

func (s *stage) startCluster(ctx context.Context) (err error) {
	if s.cluster, err = localcluster.Start(ctx, localcluster.Options{Root: s.root, RunPods: true}); err != nil {
		return err
	}
	if s.client, err = kubernetes.NewForConfig(s.cluster.RESTConfig()); err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("knowing our kinds: %w", err)
	}
	if s.kinds, err = client.New(s.cluster.RESTConfig(), client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("making a client of our kinds: %w", err)
	}
	return nil
}

// startRegistry fills the registry and makes the scenes, which name its images.
func (s *stage) startRegistry(ctx context.Context) (images int, err error) {
	if s.registry, err = registry.Start(registry.Options{}); err != nil { //nolint:contextcheck // It outlives ctx, until close.
		return 0, err
	}
	catalog := append(registry.Catalog(), registry.Fixture{
		Name: "insider/app:1.0", Manifests: []registry.Manifest{registry.Windows("10.0.27000.1000")},
	})
	if err := s.registry.PushCatalog(ctx, catalog); err != nil {
		return 0, err
	}
	if s.scenes, err = readScenes(s.registry.Host()); err != nil {
		return 0, err
	}
	return len(catalog), nil
}

func (s *stage) install(ctx context.Context) (err error) {
	s.installation, err = install.Install(ctx, s.cluster, install.Options{
		Root:            s.root,
		Programs:        &s.programs,
		Hosts:           s.hasHosts(),
		WebhookArgs:     []string{"--insecure-registries=" + s.registry.Host()},
		NodeManagerArgs: s.nodeManagerArgs(),
	})
	if err != nil {
		return err
	}
	return s.installation.WaitAnswering(ctx)
}

func (s *stage) nodeManagerArgs() []string {
	args := []string{"--insecure-registries=" + s.registry.Host()}
	if s.hasHosts() {
		args = append(args, "--host-resync=5s") // Of what an upgrade leads to, nobody is told: it is found.
	}
	return args
}

// writeScenes stores the workloads as files to be applied again, and returns their folder, which is removed
// with the cluster.
func (s *stage) writeScenes() (string, error) {
	folder := filepath.Join(s.cluster.DataDir(), "workloads")
	err := os.MkdirAll(folder, 0o700)
	for _, scene := range s.scenes {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, scene.Workload+".yaml"), scene.file, 0o600))
	}
	if err != nil {
		return "", fmt.Errorf("writing the workloads: %w", err)
	}
	return folder, nil
}
