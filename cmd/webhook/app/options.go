package app

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	cliflag "k8s.io/component-base/cli/flag"

	"github.com/mullion-dev/mullion/cmd/internal/images"
	"github.com/mullion-dev/mullion/pkg/logging"
)

// Sources of the serving certificate.
const (
	certSourceAuthority = "authority"
	certSourceFiles     = "files"
)

// disabled is an address on which nothing is served.
const disabled = "0"

// options are what a user can set.
type options struct {
	kubeconfig string
	logging    *logging.Options

	webhookAddress string
	metricsAddress string
	healthAddress  string
	maxInFlight    int
	machineSets    bool

	policyAPIAddress     string
	policyAPIMaxInFlight int
	aggregatedAdmission  bool

	certSource     string
	certFile       string
	keyFile        string
	namespace      string
	serviceName    string
	caSecret       string
	mutatingName   string
	validatingName string
	apiServiceName string

	images *images.Options
}

func newOptions() *options {
	return &options{
		logging:        logging.NewOptions(),
		webhookAddress: ":9443",
		metricsAddress: ":8080",
		healthAddress:  ":8081",
		maxInFlight:    256,

		policyAPIAddress:     ":9444",
		policyAPIMaxInFlight: 64,

		certSource:     certSourceAuthority,
		namespace:      os.Getenv("POD_NAMESPACE"),
		serviceName:    "mullion-webhook",
		caSecret:       "mullion-webhook-ca",
		mutatingName:   "00-mullion",
		validatingName: "mullion",
		apiServiceName: "v1alpha1.placement.mullion.dev",
		images:         images.NewOptions(1500 * time.Millisecond),
	}
}

// flags are the flags that set the options, in the sections in which the help shows them.
func (o *options) flags() cliflag.NamedFlagSets {
	var sections cliflag.NamedFlagSets
	cluster := sections.FlagSet("cluster")
	cluster.StringVar(&o.kubeconfig, "kubeconfig", o.kubeconfig, "Kubeconfig file. Without one, the pod's service account is used.")
	cluster.StringVar(&o.namespace, "namespace", o.namespace, "Namespace of this program's Service and Secret. Defaults to $POD_NAMESPACE.")

	serving := sections.FlagSet("serving")
	serving.StringVar(&o.webhookAddress, "webhook-bind-address", o.webhookAddress, "Address on which admission reviews are served over TLS.")
	serving.StringVar(&o.metricsAddress, "metrics-bind-address", o.metricsAddress, "Address on which metrics are served over plain HTTP; 0 serves none.")
	serving.StringVar(&o.healthAddress, "health-probe-bind-address", o.healthAddress, "Address on which /healthz and /readyz are served; 0 serves none.")
	serving.IntVar(&o.maxInFlight, "max-in-flight", o.maxInFlight, "Reviews held in memory at once, per endpoint; further ones are turned away. 0 is no limit.")
	serving.BoolVar(&o.machineSets, "machinesets", o.machineSets, "Review sets of Windows machines, too: those of OpenShift and of Cluster API.")

	policyAPI := sections.FlagSet("policy API")
	policyAPI.StringVar(&o.policyAPIAddress, "policy-api-bind-address", o.policyAPIAddress, "Address on which the policy API (placement.mullion.dev) is served over TLS; 0 serves none.")
	policyAPI.IntVar(&o.policyAPIMaxInFlight, "policy-api-max-in-flight", o.policyAPIMaxInFlight, "Requests to the policy API that are answered at once; further ones get 429. 0 is no limit.")
	policyAPI.BoolVar(&o.aggregatedAdmission, "aggregated-admission", o.aggregatedAdmission, "Serve admission reviews on the policy API too, to callers that the cluster authenticates and authorizes.")

	certificates := sections.FlagSet("certificates")
	certificates.StringVar(&o.certSource, "cert-source", o.certSource, "Where the serving certificate comes from: authority (built in, kept in a Secret) or files.")
	certificates.StringVar(&o.certFile, "tls-cert-file", o.certFile, "PEM file of the serving certificate, with --cert-source=files. Reloaded when it changes.")
	certificates.StringVar(&o.keyFile, "tls-key-file", o.keyFile, "PEM file of the serving certificate's key, with --cert-source=files.")
	certificates.StringVar(&o.serviceName, "service-name", o.serviceName, "Service by which the API server calls this program.")
	certificates.StringVar(&o.caSecret, "ca-secret", o.caSecret, "Secret in which the built-in authority is kept.")
	certificates.StringVar(&o.mutatingName, "mutating-webhook-configuration", o.mutatingName, "MutatingWebhookConfiguration that has to trust a new authority before it is used.")
	certificates.StringVar(&o.validatingName, "validating-webhook-configuration", o.validatingName, "ValidatingWebhookConfiguration that has to trust a new authority before it is used.")
	certificates.StringVar(&o.apiServiceName, "api-service", o.apiServiceName, "APIService that has to trust a new authority before it is used, where the policy API is served.")

	registries := sections.FlagSet("images")
	o.images.AddFlags(registries)
	registries.DurationVar(&o.images.Budget, "registry-budget", o.images.Budget, "How long a review waits for registries. Must be well below the webhook's timeout.")
	return sections
}

// validate checks the options as far as that is possible without doing anything. The error names every flag
// at fault.
func (o *options) validate() error {
	errs := []error{o.logging.Validate(), o.images.Validate()}
	if _, _, err := splitAddress(o.webhookAddress); err != nil {
		errs = append(errs, fmt.Errorf("--webhook-bind-address: %w", err))
	}
	errs = append(errs, o.validatePolicyAPI())
	switch o.certSource {
	case certSourceAuthority:
		if o.namespace == "" {
			errs = append(errs, errors.New("--namespace: required with --cert-source=authority where $POD_NAMESPACE is not set"))
		}
	case certSourceFiles:
		if o.certFile == "" || o.keyFile == "" {
			errs = append(errs, errors.New("--tls-cert-file, --tls-key-file: both are required with --cert-source=files"))
		}
	default:
		errs = append(errs, fmt.Errorf("--cert-source: %q is neither authority nor files", o.certSource))
	}
	if o.images.Budget <= 0 {
		errs = append(errs, errors.New("--registry-budget: must be positive"))
	}
	if o.maxInFlight < 0 {
		errs = append(errs, errors.New("--max-in-flight: must not be negative"))
	}
	return errors.Join(errs...)
}

func (o *options) validatePolicyAPI() error {
	var errs []error
	if o.policyAPIAddress == disabled {
		if o.aggregatedAdmission {
			errs = append(errs, errors.New("--aggregated-admission: needs the policy API, which --policy-api-bind-address switches off"))
		}
	} else if _, _, err := splitAddress(o.policyAPIAddress); err != nil {
		errs = append(errs, fmt.Errorf("--policy-api-bind-address: %w", err))
	}
	if o.policyAPIMaxInFlight < 0 {
		errs = append(errs, errors.New("--policy-api-max-in-flight: must not be negative"))
	}
	return errors.Join(errs...)
}

// splitAddress takes an address apart into host and port.
func splitAddress(address string) (string, int, error) {
	host, service, err := net.SplitHostPort(address)
	if err != nil {
		return "", 0, err
	}
	port, err := strconv.Atoi(service)
	if err != nil || port < 1 || port > 65535 {
		return "", 0, fmt.Errorf("%q is no port", service)
	}
	return host, port, nil
}
