package hosts

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/pkg/hostsource"
	"github.com/mullion-dev/mullion/pkg/hostsource/clusterapi"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
	"github.com/mullion-dev/mullion/pkg/hostsource/machines"
	"github.com/mullion-dev/mullion/pkg/hostsource/openshift"
	"github.com/mullion-dev/mullion/pkg/hostsource/userdata"
)

// SourceOptions say where hosts come from, beside the WindowsHosts that administrators make.
type SourceOptions struct {
	// Instances is the ConfigMap that lists hosts, in the node manager's namespace.
	Instances string
	// OpenShift follows OpenShift's Machines, and ClusterAPI the Machines of the cluster of that name, in a namespace
	// or in all.
	OpenShift           bool
	ClusterAPI          string
	ClusterAPINamespace string
	// TrustMachines believes whatever key a machine shows first.
	TrustMachines bool

	// UserDataPlatform is where the machines are made for which user data is kept; empty keeps none.
	UserDataPlatform string
	// UserDataNamespace and UserDataSecret are where.
	UserDataNamespace, UserDataSecret string
	// ReplaceUserData takes over a Secret that somebody else made.
	ReplaceUserData bool
}

func newSourceOptions() SourceOptions {
	return SourceOptions{
		Instances: instances.DefaultName, UserDataNamespace: openshift.Namespace, UserDataSecret: "windows-user-data",
	}
}

// AddFlags adds the flags.
func (o *SourceOptions) AddFlags(flags *pflag.FlagSet) {
	flags.StringVar(&o.Instances, "instances-configmap", o.Instances, "ConfigMap, in the namespace of this program, that lists hosts as the Windows Machine Config Operator has them. Empty reads none.")
	flags.BoolVar(&o.OpenShift, "openshift-machines", o.OpenShift, "Make WindowsHosts of OpenShift's Machines with the label machine.openshift.io/os-id: Windows.")
	flags.StringVar(&o.ClusterAPI, "cluster-api-cluster", o.ClusterAPI, "Make WindowsHosts of the Windows Machines of this cluster of Cluster API.")
	flags.StringVar(&o.ClusterAPINamespace, "cluster-api-namespace", o.ClusterAPINamespace, "Namespace of those Machines. Empty is any.")
	flags.BoolVar(&o.TrustMachines, "machines-trust-on-first-use", o.TrustMachines, "Believe whatever host key a machine shows first, unless the Machine says otherwise.")
	flags.StringVar(&o.UserDataPlatform, "user-data-platform", o.UserDataPlatform, "Keep the Secret with user data for new machines of this platform: AWS, Azure, GCP, VSphere or Nutanix. Empty keeps none.")
	flags.StringVar(&o.UserDataNamespace, "user-data-namespace", o.UserDataNamespace, "Namespace of the Secret with user data.")
	flags.StringVar(&o.UserDataSecret, "user-data-secret", o.UserDataSecret, "Secret with user data.")
	flags.BoolVar(&o.ReplaceUserData, "user-data-replace", o.ReplaceUserData, "Take over a Secret with user data that somebody else made.")
}

// validate names the flags at fault.
func (o *SourceOptions) validate() error {
	var errs []error
	if o.UserDataPlatform != "" {
		if _, err := userdata.ParsePlatform(o.UserDataPlatform); err != nil {
			errs = append(errs, fmt.Errorf("--user-data-platform: %w", err))
		}
	}
	if o.ClusterAPI != "" {
		if _, err := clusterapi.API(o.ClusterAPI, o.ClusterAPINamespace); err != nil {
			errs = append(errs, fmt.Errorf("--cluster-api-cluster: %w", err))
		}
	}
	return errors.Join(errs...)
}

func addSources(_ context.Context, mgr manager.Manager, d *dependencies, o *Options) error {
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
	apis, err := o.Sources.machineAPIs()
	if err != nil {
		return err
	}
	for _, api := range apis {
		source := &machines.Source{
			Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: mgr.GetEventRecorder(d.EventSource),
			Namespace: d.Namespace, TrustOnFirstUse: o.Sources.TrustMachines, Machines: api,
		}
		if err := source.SetupWithManager(mgr); err != nil {
			return err
		}
	}
	return addUserData(mgr, d, o)
}

// machineAPIs are those that are followed.
func (o *SourceOptions) machineAPIs() ([]machines.API, error) {
	var apis []machines.API
	if o.OpenShift {
		apis = append(apis, openshift.API())
	}
	if o.ClusterAPI != "" {
		api, err := clusterapi.API(o.ClusterAPI, o.ClusterAPINamespace)
		if err != nil {
			return nil, err
		}
		apis = append(apis, api)
	}
	return apis, nil
}

func addUserData(mgr manager.Manager, d *dependencies, o *Options) error {
	if o.Sources.UserDataPlatform == "" {
		return nil
	}
	platform, err := userdata.ParsePlatform(o.Sources.UserDataPlatform)
	if err != nil {
		return err
	}
	r := &userdata.Reconciler{
		Client: mgr.GetClient(), API: mgr.GetAPIReader(), Events: mgr.GetEventRecorder(d.EventSource), Platform: platform,
		Keys:     types.NamespacedName{Namespace: d.Namespace, Name: o.KeySecret},
		UserData: types.NamespacedName{Namespace: o.Sources.UserDataNamespace, Name: o.Sources.UserDataSecret},
		Replace:  o.Sources.ReplaceUserData,
	}
	return r.SetupWithManager(mgr)
}
