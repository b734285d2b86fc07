package hosts

import (
	"context"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/pkg/hostsource"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
)

// SourceOptions say where hosts come from, beside the WindowsHosts that administrators make.
type SourceOptions struct {
	// Instances is the ConfigMap that lists hosts, in the node manager's namespace.
	Instances string
}

func newSourceOptions() SourceOptions {
	return SourceOptions{Instances: instances.DefaultName}
}

// AddFlags adds the flags.
func (o *SourceOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Instances, "instances-configmap", o.Instances, "ConfigMap, in the namespace of this program, that lists hosts as the Windows Machine Config Operator has them. Empty reads none.")
}

func addSources(_ context.Context, mgr manager.Manager, d *Dependencies, o *Options) error {
	counted, err := hostsource.NewMetrics(metrics.Registry)
	if err != nil {
		return err
	}
	if o.Sources.Instances != "" {
		r := &instances.Reconciler{
			Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: mgr.GetEventRecorder(d.EventSource), Metrics: counted,
			List: types.NamespacedName{Namespace: d.Namespace, Name: o.Sources.Instances},
		}
		if err := r.SetupWithManager(mgr); err != nil {
			return err
		}
	}
	return nil
}
