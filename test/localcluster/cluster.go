package localcluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/test/localcluster/hollow"
	"github.com/mullion-dev/mullion/test/process"
)

// Names under which the components know themselves to RBAC: their bootstrap roles are bound to them.
const (
	adminName             = "kubernetes-admin"
	adminGroup            = "system:masters"
	controllerManagerName = "system:kube-controller-manager"
	schedulerName         = "system:kube-scheduler"
)

// Cluster is a running control plane. Its methods may be called concurrently, Stop excepted.
type Cluster struct {
	// Etcd, APIServer, ControllerManager and Scheduler are the processes.
	Etcd, APIServer, ControllerManager, Scheduler *Component
	// Nodes are the hollow nodes. There are none until some are added.
	Nodes *hollow.Fleet

	plane       *controlPlane
	credentials *credentials
	admin       *Identity
	stopOnce    sync.Once
	stopErr     error
}

// Start builds the control plane if need be, starts it, and returns when it serves: all components are
// ready, and a pod may be created in the default namespace. The context bounds the start, not the cluster's
// life, which Stop ends.
func Start(ctx context.Context, o Options) (*Cluster, error) {
	executable, err := Build(ctx, o.Root, o.Log)
	if err != nil {
		return nil, err
	}
	c, err := prepare(executable, o)
	if err != nil {
		return nil, err
	}
	if err := c.start(ctx); err != nil {
		return nil, errors.Join(err, c.Stop()) //nolint:contextcheck // What has started is stopped even if ctx has ended.
	}
	return c, nil
}

// prepare makes everything that the processes need. On error nothing is left.
func prepare(executable string, o Options) (_ *Cluster, err error) {
	plane := &controlPlane{executable: executable, options: o}
	if plane.dir, err = newDataDir(o.DataDir); err != nil {
		return nil, err
	}
	if plane.ports, err = reservePorts(); err != nil {
		return nil, errors.Join(err, plane.dir.close())
	}
	c := &Cluster{plane: plane}
	if err := c.prepareIdentities(); err != nil {
		plane.ports.release()
		return nil, errors.Join(err, plane.dir.close())
	}
	plane.processes = process.NewGroup()
	c.Etcd, c.APIServer = plane.etcd(), plane.apiServer()
	c.ControllerManager, c.Scheduler = plane.controllerManager(), plane.scheduler()
	return c, nil
}

// prepareIdentities stores keys and the kubeconfigs of whoever must talk to the API server.
func (c *Cluster) prepareIdentities() (err error) {
	dir := c.plane.dir
	if c.credentials, err = newCredentials(dir); err != nil {
		return err
	}
	if err := writeAuditPolicy(dir); err != nil {
		return err
	}
	if c.admin, err = c.User(adminName, adminGroup); err != nil {
		return err
	}
	for _, component := range []string{controllerManagerName, schedulerName} {
		if _, err := c.User(component); err != nil {
			return err
		}
	}
	c.plane.client, err = rest.HTTPClientFor(c.RESTConfig())
	return err
}

func (c *Cluster) start(ctx context.Context) error {
	for _, component := range []*Component{c.Etcd, c.APIServer} {
		if err := component.Start(ctx); err != nil {
			return err
		}
	}
	clients, startCtx := errgroup.WithContext(ctx)
	for _, component := range []*Component{c.ControllerManager, c.Scheduler} {
		clients.Go(func() error { return component.Start(startCtx) })
	}
	if err := clients.Wait(); err != nil {
		return err
	}
	if err := c.waitForDefaultServiceAccount(ctx); err != nil {
		return err
	}
	fleet, err := hollow.NewFleet(ctx, c.RESTConfig(), hollow.Options{
		HeartbeatInterval: c.plane.options.NodeGracePeriod / 4,
		RunPods:           c.plane.options.RunPods,
	})
	c.Nodes = fleet
	return err
}

// waitForDefaultServiceAccount waits for what the controller manager makes last of all that a pod needs.
func (c *Cluster) waitForDefaultServiceAccount(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	client, err := kubernetes.NewForConfig(c.RESTConfig())
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		if err == nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return fmt.Errorf("waiting for the default service account: %w: %w", context.Cause(ctx), err)
		}
	}
}

// Components returns the processes in the order in which they start.
func (c *Cluster) Components() []*Component {
	return []*Component{c.Etcd, c.APIServer, c.ControllerManager, c.Scheduler}
}

// RESTConfig returns a client configuration of the administrator. Callers may change it.
func (c *Cluster) RESTConfig() *rest.Config { return c.admin.RESTConfig() }

// Kubeconfig is the path of the administrator's kubeconfig file.
func (c *Cluster) Kubeconfig() string { return c.admin.Kubeconfig() }

// DataDir is the folder of the cluster's database, keys and logs.
func (c *Cluster) DataDir() string { return c.plane.dir.path }

// KubectlPath is the executable to run as kubectl.
func (c *Cluster) KubectlPath() string { return c.plane.executable }

// Stop ends the hollow nodes and the processes, those that others depend on last, and removes the data unless
// Options.DataDir asked to keep it. It returns within a minute. A second call does nothing.
func (c *Cluster) Stop() error {
	c.stopOnce.Do(func() { c.stopErr = c.stop() })
	return c.stopErr
}

func (c *Cluster) stop() error {
	if c.Nodes != nil {
		c.Nodes.Stop()
	}
	if c.plane.dir.owner != nil {
		// Nobody will miss what a component would still write.
		for _, component := range c.Components() {
			component.Kill()
		}
	}
	var clients sync.WaitGroup
	for _, component := range []*Component{c.Scheduler, c.ControllerManager} {
		clients.Go(func() { component.Stop(context.Background()) })
	}
	clients.Wait()
	c.APIServer.Stop(context.Background())
	c.Etcd.Stop(context.Background())
	c.plane.processes.Close()
	c.plane.client.CloseIdleConnections()
	c.plane.ports.release()
	return c.plane.dir.close()
}
