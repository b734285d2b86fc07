package app

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"time"

	cliflag "k8s.io/component-base/cli/flag"

	"github.com/mullion-dev/mullion/pkg/logging"
)

// Sources of the serving certificate.
const (
	certSourceAuthority = "authority"
	certSourceFiles     = "files"
)

// options are what a user can set.
type options struct {
	kubeconfig string
	logging    *logging.Options

	webhookAddress string
	metricsAddress string
	healthAddress  string
	maxInFlight    int

	certSource     string
	certFile       string
	keyFile        string
	namespace      string
	serviceName    string
	caSecret       string
	mutatingName   string
	validatingName string

	registries         []string
	insecureRegistries []string
	registryCAFile     string
	registryBudget     time.Duration
	registryTimeout    time.Duration
	maxImages          int
	usePullSecrets     bool
}

func newOptions() *options {
	return &options{
		logging:         logging.NewOptions(),
		webhookAddress:  ":9443",
		metricsAddress:  ":8080",
		healthAddress:   ":8081",
		maxInFlight:     256,
		certSource:      certSourceAuthority,
		namespace:       os.Getenv("POD_NAMESPACE"),
		serviceName:     "mullion-webhook",
		caSecret:        "mullion-webhook-ca",
		mutatingName:    "00-mullion",
		validatingName:  "mullion",
		registryBudget:  1500 * time.Millisecond,
		registryTimeout: 30 * time.Second,
		maxImages:       50_000,
		usePullSecrets:  true,
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

	certificates := sections.FlagSet("certificates")
	certificates.StringVar(&o.certSource, "cert-source", o.certSource, "Where the serving certificate comes from: authority (built in, kept in a Secret) or files.")
	certificates.StringVar(&o.certFile, "tls-cert-file", o.certFile, "PEM file of the serving certificate, with --cert-source=files. Reloaded when it changes.")
	certificates.StringVar(&o.keyFile, "tls-key-file", o.keyFile, "PEM file of the serving certificate's key, with --cert-source=files.")
	certificates.StringVar(&o.serviceName, "service-name", o.serviceName, "Service by which the API server calls this program.")
	certificates.StringVar(&o.caSecret, "ca-secret", o.caSecret, "Secret in which the built-in authority is kept.")
	certificates.StringVar(&o.mutatingName, "mutating-webhook-configuration", o.mutatingName, "MutatingWebhookConfiguration that has to trust a new authority before it is used.")
	certificates.StringVar(&o.validatingName, "validating-webhook-configuration", o.validatingName, "ValidatingWebhookConfiguration that has to trust a new authority before it is used.")

	images := sections.FlagSet("images")
	images.StringSliceVar(&o.registries, "registries", o.registries, "Registry hosts that may be asked about images, such as mcr.microsoft.com or *.example.com. Empty allows every host.")
	images.StringSliceVar(&o.insecureRegistries, "insecure-registries", o.insecureRegistries, "Registry hosts, with their ports, that are spoken to in plain HTTP.")
	images.StringVar(&o.registryCAFile, "registry-ca-file", o.registryCAFile, "PEM file of certificate authorities for registries, beside the system's.")
	images.DurationVar(&o.registryBudget, "registry-budget", o.registryBudget, "How long a review waits for registries. Must be well below the webhook's timeout.")
	images.DurationVar(&o.registryTimeout, "registry-timeout", o.registryTimeout, "How long a look-up goes on in the background after a review has stopped waiting for it.")
	images.IntVar(&o.maxImages, "max-images", o.maxImages, "Images whose facts are remembered.")
	images.BoolVar(&o.usePullSecrets, "pull-secrets", o.usePullSecrets, "Ask registries with the pull secrets of the pod. Needs permission to get secrets.")
	return sections
}

// validate checks the options as far as that is possible without doing anything. The error names every flag
// at fault.
func (o *options) validate() error {
	errs := []error{o.logging.Validate()}
	if _, _, err := splitAddress(o.webhookAddress); err != nil {
		errs = append(errs, fmt.Errorf("--webhook-bind-address: %w", err))
	}
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
	if o.registryBudget <= 0 {
		errs = append(errs, errors.New("--registry-budget: must be positive"))
	}
	if o.registryTimeout < o.registryBudget {
		errs = append(errs, errors.New("--registry-timeout: must not be shorter than --registry-budget"))
	}
	if o.maxImages <= 0 {
		errs = append(errs, errors.New("--max-images: must be positive"))
	}
	if o.maxInFlight < 0 {
		errs = append(errs, errors.New("--max-in-flight: must not be negative"))
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

// registryCAs are the authorities that registries' certificates are checked against; nil is the system's.
func (o *options) registryCAs() (*x509.CertPool, error) {
	if o.registryCAFile == "" {
		return nil, nil //nolint:nilnil // A nil pool is what crypto/tls takes for the system's.
	}
	pem, err := os.ReadFile(o.registryCAFile)
	if err != nil {
		return nil, fmt.Errorf("reading --registry-ca-file: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("loading the system's certificate authorities: %w", err)
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("reading --registry-ca-file: %s has no certificate in PEM", o.registryCAFile)
	}
	return pool, nil
}
