package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/bench/internal/stage"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/nodebundle"
	"github.com/mullion-dev/mullion/test/registry"
	"github.com/mullion-dev/mullion/test/scriptedhosts"
)

const (
	namespace = "fleet"
	secret    = "fleet-key"
	build     = "10.0.20348"
	// heartbeat is how often nodes renew their leases: as seldom as the control plane permits here, so that it has time
	// for what is measured.
	heartbeat, grace = 2 * time.Minute, 10 * time.Minute
)

// scene is a control plane with the node manager, and hosts.
type scene struct {
	*stage.Stage
	trail    *trail
	registry *registry.Registry
	fleet    *scriptedhosts.Fleet
	client   client.Client
	hosts    []*scriptedhosts.Host

	// progress is for somebody who waits, since began.
	progress io.Writer
	began    time.Time
}

func newScene(ctx context.Context, resync time.Duration, progress io.Writer) (_ *scene, err error) {
	s := &scene{progress: progress, began: time.Now()}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.fleet, err = scriptedhosts.New(scriptedhosts.Options{Heartbeat: heartbeat}); err != nil {
		return nil, err
	}
	if s.registry, err = registry.Start(registry.Options{}); err != nil {
		return nil, err
	}
	if s.trail, err = newTrail(); err != nil {
		return nil, err
	}
	s.tell("starting a control plane")
	s.Stage, err = stage.Start(ctx, localcluster.Options{NodeGracePeriod: grace, APIServerArgs: s.trail.args(), Log: progress})
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return nil, err
	}
	config := s.Config()
	config.QPS = -1
	if s.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	s.tell("building and installing the programs")
	s.Installation, err = install.Install(ctx, s.Cluster, install.Options{
		Hosts: true, WebhookReplicas: 1, NodeManagerReplicas: 1,
		WebhookArgs:     []string{"--insecure-registries=" + s.registry.Host()},
		NodeManagerArgs: []string{"--insecure-registries=" + s.registry.Host(), "--host-resync=" + resync.String()},
	})
	if err != nil {
		return nil, err
	}
	return s, s.prepare(ctx)
}

// prepare makes all that hosts need to become nodes.
func (s *scene) prepare(ctx context.Context) error {
	bundle, err := scriptedhosts.PushBundle(ctx, s.registry.Host()+"/windows/node", nodebundle.DefaultVersion)
	if err != nil {
		return err
	}
	config := nodebundle.Config("fleet", bundle, "")
	policy := &v1alpha1.WindowsBuildPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "fleet"},
		Spec: v1alpha1.WindowsBuildPolicySpec{Builds: []v1alpha1.BuildRule{{
			Build: build, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: config.Name},
		}}},
	}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, s.fleet.Secret(namespace, secret), config, policy,
	} {
		if err := s.client.Create(ctx, object); err != nil {
			return fmt.Errorf("preparing the fleet: %w", err)
		}
	}
	return nil
}

// tell tells somebody who waits.
func (s *scene) tell(format string, args ...any) {
	fmt.Fprintf(s.progress, "%4.0f s: %s\n", time.Since(s.began).Seconds(), fmt.Sprintf(format, args...))
}

func (s *scene) manager() *install.Program { return s.Installation.NodeManagers[0] }

// close ends everything, as far as it has started.
func (s *scene) close() error {
	var errs []error
	if s.Stage != nil {
		errs = append(errs, s.Stage.Close())
	}
	if s.registry != nil {
		s.registry.Close()
	}
	if s.fleet != nil {
		errs = append(errs, s.fleet.Close())
	}
	if s.trail != nil {
		errs = append(errs, s.trail.remove())
	}
	return errors.Join(errs...)
}
