package app

import (
	"crypto/tls"
	"net/http"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	"github.com/mullion-dev/mullion/pkg/servingcert"
	"github.com/mullion-dev/mullion/pkg/servingcert/cabundle"
)

// certificate is a serving certificate that is kept good while it is started.
type certificate interface {
	manager.Runnable
	GetCertificate(*tls.ClientHelloInfo) (*tls.Certificate, error)
	Ready(*http.Request) error
}

func newCertificate(o *options, mgr manager.Manager, log logr.Logger) (certificate, error) {
	if o.certSource == certSourceFiles {
		return servingcert.NewFiles(o.certFile, o.keyFile, metrics.Registry)
	}
	// Reads must not come from a cache: what the authority decides is decided on what is stored.
	uncached, err := client.New(mgr.GetConfig(), client.Options{Scheme: mgr.GetScheme(), Mapper: mgr.GetRESTMapper()})
	if err != nil {
		return nil, err
	}
	return servingcert.NewSource(servingcert.Options{
		Client:   uncached,
		Secret:   types.NamespacedName{Namespace: o.namespace, Name: o.caSecret},
		DNSNames: servingcert.ServiceNames(o.namespace, o.serviceName),
		Trust:    cabundle.View{Reader: uncached, Targets: trustTargets(o)},
		Log:      log.WithName("servingcert"),
		Registry: metrics.Registry,
	})
}

// trustTargets are the objects by which API servers trust this program.
func trustTargets(o *options) []cabundle.Target {
	targets := []cabundle.Target{cabundle.MutatingWebhook(o.mutatingName), cabundle.ValidatingWebhook(o.validatingName)}
	if o.policyAPIAddress != disabled {
		targets = append(targets, cabundle.APIService(o.apiServiceName))
	}
	return targets
}
