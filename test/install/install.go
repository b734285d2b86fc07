package install

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/mullion-dev/mullion/test/localcluster"
	"github.com/mullion-dev/mullion/test/process"
)

// Namespace is where the manifests install Mullion.
const Namespace = "mullion-system"

// Options say how an installation differs from the one that the zero value describes, which is the default
// overlay as it is.
type Options struct {
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Programs are those to run; nil means that Install builds them.
	Programs *Programs
	// Overlay is the kustomize overlay to install, relative to Root; empty means manifests/overlays/default.
	Overlay string
	// Components are kustomize components to add, relative to Root, such as manifests/components/inference.
	Components []string

	// Hosts has the node manager look after Windows hosts: the component manifests/components/hosts is added, and the agent
	// built.
	Hosts bool

	// WebhookReplicas and NodeManagerReplicas, when not 0, override the replicas of the Deployments.
	WebhookReplicas, NodeManagerReplicas int
	// WebhookArgs and NodeManagerArgs are appended to the arguments of the Deployments.
	WebhookArgs, NodeManagerArgs []string
}

// Installation is Mullion as it runs in a cluster. Its methods may be called concurrently, Stop excepted.
type Installation struct {
	// Webhooks and NodeManagers are the replicas.
	Webhooks, NodeManagers []*Program

	cluster   *localcluster.Cluster
	group     *process.Group
	balancer  *balancer // To admission.
	questions *balancer // To the policy API.
	stopOnce  sync.Once
}

// Install builds the programs, applies the manifests, starts the programs and returns when they are ready;
// see Installation.WaitReady. The context bounds the start, not the installation's life, which Stop ends.
func Install(ctx context.Context, cluster *localcluster.Cluster, o Options) (*Installation, error) {
	root, err := findRoot(o.Root)
	if err != nil {
		return nil, err
	}
	o.Root = root
	if o.Programs == nil {
		built, err := Build(ctx, root)
		if err != nil {
			return nil, err
		}
		o.Programs = &built
	}
	balancer, err := startBalancer((*Program).ServingAddress)
	if err != nil {
		return nil, err
	}
	questions, err := startBalancer((*Program).PolicyAPIAddress)
	if err != nil {
		balancer.close()
		return nil, err
	}
	i := &Installation{cluster: cluster, group: process.NewGroup(), balancer: balancer, questions: questions}
	if err := i.install(ctx, o); err != nil {
		i.Stop() //nolint:contextcheck // What has started is stopped even if ctx has ended.
		return nil, err
	}
	return i, nil
}

func (i *Installation) install(ctx context.Context, o Options) error {
	if o.Hosts {
		agent, err := buildAgent(ctx, o.Root)
		if err != nil {
			return err
		}
		o.Components = append(slices.Clone(o.Components), hostsComponent)
		o.NodeManagerArgs = append([]string{
			"--agent-file=" + agent,
			// What this cluster does not tell of itself, having no installer, no DNS and no pod network.
			"--cluster-server=" + i.cluster.RESTConfig().Host,
			"--cluster-dns=10.0.0.10", "--cluster-domain=cluster.local", "--pod-cidrs=10.244.0.0/16",
		}, o.NodeManagerArgs...)
	}
	deployments, err := i.apply(ctx, o)
	if err != nil {
		return err
	}
	i.Webhooks, err = i.newReplicas(ctx, deployments, replicas{
		name: webhookName, path: o.Programs.Webhook, count: o.WebhookReplicas, args: o.WebhookArgs,
	})
	if err != nil {
		return err
	}
	i.NodeManagers, err = i.newReplicas(ctx, deployments, replicas{
		name: nodeManagerName, path: o.Programs.NodeManager, count: o.NodeManagerReplicas, args: o.NodeManagerArgs, caches: o.Hosts,
	})
	if err != nil {
		return err
	}
	i.balancer.serve(i.Webhooks)  //nolint:contextcheck // It outlives ctx, until Stop.
	i.questions.serve(i.Webhooks) //nolint:contextcheck // As above.
	for _, program := range i.Programs() {
		if err := program.start(); err != nil {
			return err
		}
	}
	return i.WaitReady(ctx)
}

// Programs are all replicas of all programs.
func (i *Installation) Programs() []*Program { return slices.Concat(i.Webhooks, i.NodeManagers) }

// Stop ends the programs and returns once they have ended, within half a minute. What was applied stays. A
// second call does nothing.
func (i *Installation) Stop() {
	i.stopOnce.Do(func() {
		var programs sync.WaitGroup
		for _, program := range i.Programs() {
			programs.Go(func() { program.Stop(context.Background()) })
		}
		programs.Wait()
		i.balancer.close()
		i.questions.close()
		i.group.Close()
		for _, program := range i.Programs() {
			program.release()
		}
	})
}

// apply applies the manifests, waits until the API server serves the new kinds, and returns the Deployments
// that were left out.
func (i *Installation) apply(ctx context.Context, o Options) (map[string]shipped, error) {
	folders, err := writeKustomizations(o, ports{admission: i.balancer.port(), policyAPI: i.questions.port()})
	if err != nil {
		return nil, err
	}
	defer folders.remove()
	deployments, err := readShipped(ctx, i.cluster, folders.shipped)
	if err != nil {
		return nil, err
	}
	if err := i.cluster.Apply(ctx, folders.local); err != nil {
		return nil, fmt.Errorf("applying the manifests: %w", err)
	}
	_, err = i.cluster.Kubectl(ctx, nil, "wait", "--for=condition=Established", "--timeout="+readyTimeout.String(),
		"customresourcedefinition/windowsbuildpolicies.mullion.dev",
		"customresourcedefinition/windowsnodeconfigs.mullion.dev",
		"customresourcedefinition/windowshosts.mullion.dev")
	if err != nil {
		return nil, fmt.Errorf("waiting for the API server to serve our kinds: %w", err)
	}
	return deployments, nil
}
