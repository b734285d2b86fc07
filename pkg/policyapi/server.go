package policyapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-logr/logr"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apiserver/pkg/authorization/authorizer"
	"k8s.io/apiserver/pkg/registry/rest"
	genericapiserver "k8s.io/apiserver/pkg/server"
	"k8s.io/apiserver/pkg/util/compatibility"
	"k8s.io/client-go/kubernetes"
	restclient "k8s.io/client-go/rest"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

const (
	// requestTimeout is how long a review may take. Admission reviews have a shorter deadline of their own.
	requestTimeout = 15 * time.Second
	// maxRequestBytes is the largest request, which is that of the API server for an object.
	maxRequestBytes = 3 << 20
	// readyInterval is how often it is looked after whether callers can be authenticated, until they can.
	readyInterval = time.Second
	// complainInterval is how often it is logged that they cannot.
	complainInterval = time.Minute
)

// Options of a server.
type Options struct {
	// Reviewer answers reviews. Required.
	Reviewer Reviewer
	// Client asks the API server who callers are and what they may do. Required.
	Client kubernetes.Interface
	// MaxInFlight is how many requests are answered at once; further ones are told to come back. 0 is no limit.
	MaxInFlight int
	// Admission are handlers of admission reviews, by the last element of their path.
	Admission map[string]http.Handler
	// Logger gets one line for each change of whether callers can be authenticated.
	Logger logr.Logger
	// Observer is told of every review. Nobody is, if nil.
	Observer Observer
}

// Server is the policy API as an [http.Handler]. TLS has to ask clients for a certificate, and need not verify it.
// Safe for concurrent use.
type Server struct {
	options        Options
	authentication *authentication
	authorizer     authorizer.Authorizer
	handler        http.Handler
}

// New makes a server. Until [Server.Run] has read whom to believe, it refuses everybody.
func New(o Options) (*Server, error) {
	if o.Reviewer == nil || o.Client == nil {
		return nil, errors.New("making the policy API: a reviewer and a client are required")
	}
	s := &Server{options: o}
	var err error
	if s.authentication, err = newAuthentication(o.Client); err != nil {
		return nil, err
	}
	if s.authorizer, err = newAuthorizer(o.Client); err != nil {
		return nil, err
	}
	if s.handler, err = s.install(); err != nil {
		return nil, err
	}
	return s, nil
}

// install makes a generic server with the one resource, and takes its handler.
func (s *Server) install() (http.Handler, error) {
	scheme, err := newScheme()
	if err != nil {
		return nil, err
	}
	codecs := serializer.NewCodecFactory(scheme)
	server, err := s.config(scheme, codecs).Complete(nil).New("policy-api", genericapiserver.NewEmptyDelegate())
	if err != nil {
		return nil, fmt.Errorf("making the policy API: %w", err)
	}
	group := genericapiserver.NewDefaultAPIGroupInfo(placementv1alpha1.GroupName, scheme, runtime.NewParameterCodec(scheme), codecs)
	group.VersionedResourcesStorageMap[placementv1alpha1.SchemeGroupVersion.Version] = map[string]rest.Storage{
		resource: &storage{reviewer: s.options.Reviewer, authorizer: s.authorizer, observer: s.options.Observer},
	}
	if err := server.InstallAPIGroup(&group); err != nil {
		return nil, fmt.Errorf("installing group %s: %w", placementv1alpha1.GroupName, err)
	}
	server.PrepareRun() // Installs what serves OpenAPI.
	return server.Handler, nil
}

// config is that of a generic server of which only the handler is used.
func (s *Server) config(scheme *runtime.Scheme, codecs serializer.CodecFactory) *genericapiserver.Config {
	c := genericapiserver.NewConfig(codecs)
	c.EffectiveVersion = compatibility.DefaultBuildEffectiveVersion()
	c.BuildHandlerChainFunc = s.chain
	c.OpenAPIConfig, c.OpenAPIV3Config = openAPIConfigs(scheme)
	c.Authorization.Authorizer = s.authorizer
	c.EnableProfiling = false
	c.EnableMetrics = false // The program has a page of its own.
	c.EnableIndex = false
	c.RequestTimeout = requestTimeout
	c.MaxRequestBodyBytes = maxRequestBytes
	c.MaxRequestsInFlight, c.MaxMutatingRequestsInFlight = s.options.MaxInFlight, s.options.MaxInFlight
	c.ExternalAddress = "localhost:443"           // Told in discovery to clients that come without the API server.
	c.LoopbackClientConfig = &restclient.Config{} // Nobody is privileged on the way in: there is no token in it.
	return c
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// Run keeps up with whom to believe until the context ends. It says in the log whether callers can be authenticated.
func (s *Server) Run(ctx context.Context) {
	go s.authentication.run(ctx)
	ticker := time.NewTicker(readyInterval)
	defer ticker.Stop()
	var complained time.Time
	for {
		err := s.Ready()
		if err == nil {
			s.options.Logger.Info("the policy API is ready")
			<-ctx.Done()
			return
		}
		if time.Since(complained) > complainInterval {
			s.options.Logger.Info("the policy API refuses everybody, and admission goes on", "why", err.Error())
			complained = time.Now()
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Ready returns why callers cannot be authenticated yet, or nil. It has no bearing on admission.
func (s *Server) Ready() error { return s.authentication.ready() }
