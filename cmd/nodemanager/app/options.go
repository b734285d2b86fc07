package app

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	cliflag "k8s.io/component-base/cli/flag"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/cmd/nodemanager/app/hosts"
	"github.com/mullion-dev/mullion/pkg/logging"
)

// options are what a user can set.
type options struct {
	kubeconfig  string
	namespace   string
	leaderElect bool

	metricsAddress string
	healthAddress  string

	caSecret       string
	mutatingName   string
	validatingName string
	apiServiceName string

	workloadInterval time.Duration
	images           *images.Options

	hosts *hosts.Options

	logging *logging.Options
}

func newOptions() *options {
	return &options{
		namespace:        os.Getenv("POD_NAMESPACE"),
		leaderElect:      true,
		metricsAddress:   ":8080",
		healthAddress:    ":8081",
		mutatingName:     "00-mullion",
		validatingName:   "mullion",
		apiServiceName:   "v1alpha1.placement.mullion.dev",
		workloadInterval: 5 * time.Minute,
		images:           images.NewOptions(0),
		hosts:            hosts.NewOptions(),
		logging:          logging.NewOptions(),
	}
}

// flags are the flags that set the options, in the sections in which the help shows them.
func (o *options) flags() cliflag.NamedFlagSets {
	var sections cliflag.NamedFlagSets
	cluster := sections.FlagSet("cluster")
	cluster.StringVar(&o.kubeconfig, "kubeconfig", o.kubeconfig, "Kubeconfig file. Without one, the pod's service account is used.")
	cluster.StringVar(&o.namespace, "namespace", o.namespace, "Namespace of this program's own objects, such as the Lease of leader election. Defaults to $POD_NAMESPACE.")
	cluster.BoolVar(&o.leaderElect, "leader-elect", o.leaderElect, "Work only while holding the Lease, so that of several replicas one works.")

	serving := sections.FlagSet("serving")
	serving.StringVar(&o.metricsAddress, "metrics-bind-address", o.metricsAddress, "Address on which metrics are served over plain HTTP; 0 serves none.")
	serving.StringVar(&o.healthAddress, "health-probe-bind-address", o.healthAddress, "Address on which /healthz and /readyz are served; 0 serves none.")

	certificates := sections.FlagSet("certificates")
	certificates.StringVar(&o.caSecret, "ca-secret", o.caSecret, "Secret in which the webhook keeps its built-in authority, for the webhook configurations to trust. Empty leaves their caBundles to somebody else.")
	certificates.StringVar(&o.mutatingName, "mutating-webhook-configuration", o.mutatingName, "MutatingWebhookConfiguration whose caBundles are kept.")
	certificates.StringVar(&o.validatingName, "validating-webhook-configuration", o.validatingName, "ValidatingWebhookConfiguration whose caBundles are kept.")
	certificates.StringVar(&o.apiServiceName, "api-service", o.apiServiceName, "APIService whose caBundle is kept, if it exists.")

	workloads := sections.FlagSet("workloads")
	workloads.DurationVar(&o.workloadInterval, "workload-interval", o.workloadInterval, "How often running pods are read, to show in policies' statuses who depends on each build. 0 shows nothing of that, and asks no registry.")
	o.images.AddFlags(sections.FlagSet("images"))

	o.hosts.AddFlags(sections.FlagSet("hosts"))
	o.hosts.Sources.AddFlags(sections.FlagSet("sources of hosts"))
	o.hosts.Cluster.AddFlags(sections.FlagSet("cluster facts"))
	return sections
}

// validate checks the options as far as that is possible without doing anything. The error names every flag
// at fault.
func (o *options) validate() error {
	errs := []error{o.logging.Validate(), o.images.Validate(), o.hosts.Validate()}
	if o.leaderElect && o.namespace == "" {
		errs = append(errs, errors.New("--namespace: required with --leader-elect where $POD_NAMESPACE is not set"))
	}
	if o.caSecret != "" && o.namespace == "" {
		errs = append(errs, errors.New("--namespace: required with --ca-secret where $POD_NAMESPACE is not set"))
	}
	if o.hosts.Manage && o.namespace == "" {
		errs = append(errs, errors.New("--namespace: required with --manage-hosts where $POD_NAMESPACE is not set"))
	}
	if o.workloadInterval < 0 {
		errs = append(errs, errors.New("--workload-interval: must not be negative"))
	}
	for flag, address := range map[string]string{
		"--metrics-bind-address": o.metricsAddress, "--health-probe-bind-address": o.healthAddress,
	} {
		if address == "0" {
			continue
		}
		if _, _, err := net.SplitHostPort(address); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", flag, err))
		}
	}
	return errors.Join(errs...)
}
