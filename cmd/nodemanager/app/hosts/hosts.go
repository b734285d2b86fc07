package hosts

import (
	"context"
	"fmt"
	"os"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/cmd/internal/registryca"
	"github.com/mullion-dev/mullion/pkg/agent/remote"
	"github.com/mullion-dev/mullion/pkg/clusterfacts"
	"github.com/mullion-dev/mullion/pkg/drain"
	"github.com/mullion-dev/mullion/pkg/exporter"
	"github.com/mullion-dev/mullion/pkg/gate"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/pkg/nodeconfigstatus"
	"github.com/mullion-dev/mullion/pkg/nodecsr/approver"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/rollout"
	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/version"
	"github.com/mullion-dev/mullion/pkg/windowshost"
	"github.com/mullion-dev/mullion/pkg/windowshost/hostmetrics"
	"github.com/mullion-dev/mullion/pkg/windowshost/kubeletcert"
)

// Dependencies are what the rest of the program gives.
type Dependencies struct {
	// Config is how the API server is reached from here.
	Config *rest.Config
	// Namespace is the program's own.
	Namespace string
	// EventSource names the program in events.
	EventSource string
	// Snapshot is the newest snapshot, and nil while there is none of everything.
	Snapshot func() *policy.Snapshot
	// Images tells about images of pods.
	Images impact.Images
	// InsecureRegistries are spoken to in plain HTTP.
	InsecureRegistries []string
	// RegistryCA are those who sign certificates of registries.
	RegistryCA registryca.Options
	// Rollouts measures how far hosts are.
	Rollouts *rollout.Metrics
}

// dependencies are those, and what several controllers have in common.
type dependencies struct {
	Dependencies
	cluster *clusterfacts.Facts
}

// Add adds everything that looks after hosts, where that is wanted. The context ends the program.
func Add(ctx context.Context, mgr manager.Manager, d Dependencies, o *Options) error {
	if !o.Manage {
		return nil
	}
	shared := &dependencies{Dependencies: d}
	given, err := o.Cluster.given()
	if err != nil {
		return err
	}
	shared.cluster, err = clusterfacts.New(clusterfacts.Options{Reader: mgr.GetAPIReader(), Config: d.Config, Given: given})
	if err != nil {
		return fmt.Errorf("finding out about the cluster: %w", err)
	}
	for what, add := range map[string]func(context.Context, manager.Manager, *dependencies, *Options) error{
		"looking after hosts":           addReconciler,
		"finding hosts":                 addSources,
		"approving certificates":        addApprover,
		"following node configurations": addNodeConfigStatus,
		"leading Prometheus to hosts":   addExporter,
	} {
		if err := add(ctx, mgr, shared, o); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

func addReconciler(ctx context.Context, mgr manager.Manager, d *dependencies, o *Options) error {
	agent, err := readAgent(o.AgentFile)
	if err != nil {
		return err
	}
	client, err := kubernetes.NewForConfig(d.Config)
	if err != nil {
		return fmt.Errorf("making a client: %w", err)
	}
	drainer, err := drain.New(client, clock.RealClock{}, metrics.Registry)
	if err != nil {
		return err
	}
	turns, err := newTurns(mgr, d)
	if err != nil {
		return err
	}
	bundles, err := newBundles(mgr, d, o)
	if err != nil {
		return err
	}
	observed, err := hostmetrics.New(metrics.Registry, hostmetrics.From(mgr.GetClient()))
	if err != nil {
		return err
	}
	connections := ssh.NewPool(ssh.Options{Concurrency: 2 * o.Workers})
	credentials := &joincredentials.Issuer{Reader: mgr.GetAPIReader(), Writer: mgr.GetClient(), Clock: clock.RealClock{}}
	reconciler := &windowshost.Reconciler{
		Client:      mgr.GetClient(),
		API:         mgr.GetAPIReader(),
		Access:      hostaccess.New(hostaccess.Options{Reader: mgr.GetAPIReader(), Status: mgr.GetClient().Status(), KeySecret: o.KeySecret}),
		Machines:    windowshost.OverSSH{Pool: connections, Program: agent, Now: clock.RealClock{}.Now},
		Bundles:     bundles,
		Cluster:     d.cluster,
		Credentials: credentials,
		Drainer:     drainer,
		Turns:       turns,
		Events:      mgr.GetEventRecorder(d.EventSource),
		Clock:       clock.RealClock{},
		Metrics:     observed,
		Kubelets:    kubeletcert.Kubelets{},
		Options: windowshost.Options{
			Workers: o.Workers, ResyncReady: o.Resync, JoinTimeout: o.JoinTimeout, VerifyTimeout: o.VerifyTimeout,
			RebootTimeout: o.RebootTimeout, Version: version.Get().String(),
		},
	}
	if err := mgr.Add(&joincredentials.Sweeper{Issuer: credentials}); err != nil {
		return err
	}
	if err := mgr.Add(closing{connections.Close}); err != nil {
		return err
	}
	return reconciler.SetupWithManager(ctx, mgr, o.KeySecret)
}

// readAgent reads the agent's executable.
func readAgent(path string) (*remote.Program, error) {
	executable, err := os.ReadFile(path) //nolint:gosec // The administrator names it.
	if err != nil {
		return nil, fmt.Errorf("reading the agent for Windows hosts: %w", err)
	}
	program, err := remote.NewProgram(executable)
	if err != nil {
		return nil, fmt.Errorf("reading the agent %s for Windows hosts: %w", path, err)
	}
	return program, nil
}

// newTurns makes what decides which host may be out of service.
func newTurns(mgr manager.Manager, d *dependencies) (*rollout.Turns, error) {
	passage, err := gate.New(gate.Options{
		Reader: mgr.GetAPIReader(), Snapshot: d.Snapshot, Images: d.Images, Registry: metrics.Registry,
	})
	if err != nil {
		return nil, err
	}
	ask := func(ctx context.Context, nodes ...string) (bool, string, error) {
		verdict, err := passage.Ask(ctx, nodes...)
		return verdict.Open, verdict.Message, err
	}
	return rollout.NewTurns(mgr.GetClient(), ask, clock.RealClock{}, d.Rollouts), nil
}

func addApprover(_ context.Context, mgr manager.Manager, d *dependencies, _ *Options) error {
	r, err := approver.New(approver.Options{
		Client: mgr.GetClient(), API: mgr.GetAPIReader(), Cluster: d.cluster.Cluster,
		Events: mgr.GetEventRecorder(d.EventSource), Registry: metrics.Registry,
	})
	if err != nil {
		return err
	}
	return r.SetupWithManager(mgr) //nolint:contextcheck // Its requests have contexts of their own.
}

func addNodeConfigStatus(_ context.Context, mgr manager.Manager, d *dependencies, _ *Options) error {
	r := &nodeconfigstatus.Reconciler{Client: mgr.GetClient(), Cluster: d.cluster.Cluster, Clock: clock.RealClock{}}
	return r.SetupWithManager(mgr)
}

func addExporter(_ context.Context, mgr manager.Manager, d *dependencies, _ *Options) error {
	r := &exporter.Reconciler{
		Client: mgr.GetClient(), API: mgr.GetAPIReader(), Namespace: d.Namespace, Events: mgr.GetEventRecorder(d.EventSource),
	}
	return r.SetupWithManager(mgr)
}
