package policyapi

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/authentication/authenticator"
	"k8s.io/apiserver/pkg/authentication/authenticatorfactory"
	"k8s.io/apiserver/pkg/authentication/request/headerrequest"
	"k8s.io/apiserver/pkg/server/dynamiccertificates"
	"k8s.io/client-go/kubernetes"
)

// The ConfigMap by which API servers say whom an aggregated API is to believe.
//
// Source: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#original-request-username-and-group
const (
	trustNamespace = "kube-system"
	trustName      = "extension-apiserver-authentication"
)

const (
	// decisionLifetime is how long the API server's word about a token or a right is believed, as all aggregated
	// APIs do (k8s.io/apiserver/pkg/server/options): a right that is taken away is gone after as long.
	decisionLifetime = 10 * time.Second
	// delegationTimeout bounds one question to the API server about a token.
	delegationTimeout = 5 * time.Second
)

// backoff is for questions about tokens and rights that could not be asked. The caller waits meanwhile.
func backoff() *wait.Backoff {
	return &wait.Backoff{Duration: 200 * time.Millisecond, Factor: 1.5, Jitter: 0.2, Steps: 4}
}

// authentication tells who makes a request: by the word of the API server, by a client certificate of the cluster,
// or by a token that the API server knows.
type authentication struct {
	authenticator.Request
	// headers are those in which the API server tells who asks; they are taken from requests once they are read.
	headers *authenticatorfactory.RequestHeaderConfig

	clientCA, proxyCA *dynamiccertificates.ConfigMapCAController
	proxy             *headerrequest.RequestHeaderAuthRequestController
}

func newAuthentication(client kubernetes.Interface) (*authentication, error) {
	clientCA, err := dynamiccertificates.NewDynamicCAFromConfigMapController(
		"client-ca", trustNamespace, trustName, "client-ca-file", client)
	if err != nil {
		return nil, fmt.Errorf("following the authority of clients: %w", err)
	}
	proxyCA, err := dynamiccertificates.NewDynamicCAFromConfigMapController(
		"front-proxy-ca", trustNamespace, trustName, "requestheader-client-ca-file", client)
	if err != nil {
		return nil, fmt.Errorf("following the authority of the front proxy: %w", err)
	}
	proxy := headerrequest.NewRequestHeaderAuthRequestController(trustName, trustNamespace, client,
		"requestheader-username-headers", "requestheader-uid-headers", "requestheader-group-headers",
		"requestheader-extra-headers-prefix", "requestheader-allowed-names")
	a := &authentication{clientCA: clientCA, proxyCA: proxyCA, proxy: proxy, headers: &authenticatorfactory.RequestHeaderConfig{
		CAContentProvider:   proxyCA,
		UsernameHeaders:     headerrequest.StringSliceProviderFunc(proxy.UsernameHeaders),
		UIDHeaders:          headerrequest.StringSliceProviderFunc(proxy.UIDHeaders),
		GroupHeaders:        headerrequest.StringSliceProviderFunc(proxy.GroupHeaders),
		ExtraHeaderPrefixes: headerrequest.StringSliceProviderFunc(proxy.ExtraHeaderPrefixes),
		AllowedClientNames:  headerrequest.StringSliceProviderFunc(proxy.AllowedClientNames),
	}}
	// Nobody is taken for the anonymous user: all of this API is for somebody.
	a.Request, _, err = authenticatorfactory.DelegatingAuthenticatorConfig{
		TokenAccessReviewClient:            client.AuthenticationV1(),
		TokenAccessReviewTimeout:           delegationTimeout,
		WebhookRetryBackoff:                backoff(),
		CacheTTL:                           decisionLifetime,
		ClientCertificateCAContentProvider: clientCA,
		RequestHeaderConfig:                a.headers,
	}.New()
	if err != nil {
		return nil, fmt.Errorf("delegating authentication: %w", err)
	}
	return a, nil
}

// run follows the ConfigMap until the context ends. What cannot be read is tried again.
func (a *authentication) run(ctx context.Context) {
	const workers = 1
	go a.clientCA.Run(ctx, workers)
	go a.proxyCA.Run(ctx, workers)
	go a.proxy.Run(ctx, workers)
	<-ctx.Done()
}

// ready returns why the API server's word is not believed yet, or nil.
func (a *authentication) ready() error {
	if _, known := a.proxyCA.VerifyOptions(); !known || len(a.proxy.UsernameHeaders()) == 0 {
		return fmt.Errorf("configmap %s/%s was not read yet, or does not say how API servers identify themselves", trustNamespace, trustName)
	}
	return nil
}
