package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/bench/internal/cluster"
	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
	"github.com/mullion-dev/mullion/bench/internal/stage"
	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/registry"
)

// arena is where the contenders meet.
type arena struct {
	*stage.Stage
	registry *registry.Registry
	noop     *reviewserver.Child
	pod      *corev1.Pod
}

// newArena starts everything, and returns when each contender does what it should.
func newArena(ctx context.Context) (_ *arena, err error) {
	a := &arena{}
	defer func() {
		if err != nil {
			err = errors.Join(err, a.close())
		}
	}()
	if a.registry, err = registry.Start(registry.Options{}); err != nil {
		return nil, err
	}
	if err := a.registry.PushCatalog(ctx, registry.Catalog()); err != nil {
		return nil, err
	}
	if a.pod, err = capturedPod(a.registry); err != nil {
		return nil, err
	}
	if a.Stage, err = stage.Start(ctx, localcluster.Options{Log: os.Stderr}); err != nil {
		return nil, err
	}
	for _, contender := range contenders() {
		if err := a.makeNamespace(ctx, contender); err != nil {
			return nil, err
		}
	}
	nodes, err := a.addNodes(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.Install(ctx, a.registry.Host(), nodes); err != nil {
		return nil, err
	}
	if a.noop, err = reviewserver.Start(ctx, "-serve"); err != nil {
		return nil, err
	}
	if err := a.configure(ctx); err != nil {
		return nil, err
	}
	return a, a.check(ctx)
}

func (a *arena) close() (err error) {
	if a.noop != nil {
		err = a.noop.Stop()
	}
	if a.Stage != nil {
		err = errors.Join(err, a.Stage.Close())
	}
	if a.registry != nil {
		a.registry.Close()
	}
	return err
}

func (a *arena) makeNamespace(ctx context.Context, c contender) error {
	_, err := a.Client.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{
		ObjectMeta: metav1.ObjectMeta{Name: c.namespace(), Labels: c.labels()},
	}, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making namespace %s: %w", c.namespace(), err)
	}
	return nil
}

// addNodes adds a node of each build and returns how many.
func (a *arena) addNodes(ctx context.Context) (int, error) {
	var specs []hollow.NodeSpec
	for _, build := range cluster.Builds() {
		specs = append(specs, hollow.NodeSpec{
			Name: "node-" + build, Build: build,
			Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
		})
	}
	if _, err := a.Cluster.Nodes.Add(ctx, specs...); err != nil {
		return 0, fmt.Errorf("adding nodes: %w", err)
	}
	for _, spec := range specs {
		if err := a.Cluster.Nodes.WaitSchedulable(ctx, spec.Name); err != nil {
			return 0, err
		}
	}
	return len(specs), nil
}
