package cluster

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// Cluster is the cluster that the user means.
type Cluster struct {
	// Namespace is the one that the user means, and NamespaceGiven tells that a flag says so.
	Namespace      string
	NamespaceGiven bool
	// Getter makes the clients that cli-runtime wants.
	Getter genericclioptions.RESTClientGetter

	config  *rest.Config
	context string
	timeout string
}

// Connect finds out which cluster is meant. It does not ask it anything yet. Whatever is asked later ends when the
// context does.
func (f *Flags) Connect(ctx context.Context) (*Cluster, error) {
	f.wrap(ctx)
	loader := f.config.ToRawKubeConfigLoader()
	raw, err := loader.RawConfig()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("reading the kubeconfig: %w; --kubeconfig or KUBECONFIG names another file", err)
	case err != nil:
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	if f.unconfigured(&raw) {
		return nil, errors.New("no cluster is configured: there is no kubeconfig at " +
			clientcmd.NewDefaultClientConfigLoadingRules().GetDefaultFilename() +
			"; --kubeconfig or KUBECONFIG names another file, and --server the cluster itself")
	}
	name := cmp.Or(*f.config.Context, raw.CurrentContext)
	if _, known := raw.Contexts[name]; name != "" && !known {
		return nil, fmt.Errorf("the kubeconfig has no context %q; kubectl config get-contexts lists those that it has", name)
	}
	config, err := f.config.ToRESTConfig()
	if err != nil {
		return nil, explainConfig(err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		return nil, fmt.Errorf("reading the namespace from the kubeconfig: %w", err)
	}
	return &Cluster{
		Namespace:      namespace,
		NamespaceGiven: *f.config.Namespace != "",
		Getter:         f.config,
		config:         config,
		context:        name,
		timeout:        *f.config.Timeout,
	}, nil
}

// unconfigured tells that nothing says where a cluster is. client-go would try localhost:8080, where none has been
// since 2017.
func (f *Flags) unconfigured(raw *clientcmdapi.Config) bool {
	if len(raw.Clusters) > 0 || len(raw.Contexts) > 0 || *f.config.APIServer != "" || *f.config.Context != "" {
		return false
	}
	_, err := rest.InClusterConfig()
	return err != nil
}

// explainConfig says what to do about a kubeconfig that makes no sense.
func explainConfig(err error) error {
	if clientcmd.IsEmptyConfig(err) {
		return errors.New("the kubeconfig has no current context: --context names one, and kubectl config use-context makes it the current one")
	}
	return fmt.Errorf("reading the kubeconfig: %w", err)
}

// Config is how clients connect. It is the caller's to change.
func (c *Cluster) Config() *rest.Config { return rest.CopyConfig(c.config) }

// String names the cluster for a person.
func (c *Cluster) String() string {
	if c.context == "" {
		return "server " + c.config.Host
	}
	return fmt.Sprintf("server %s (context %q)", c.config.Host, c.context)
}

// Attempt is what was asked of a cluster when an error came back.
type Attempt struct {
	// Verb is what was to be done, such as create.
	Verb string
	// Resource is to what, such as placementreviews of placement.mullion.dev.
	Resource schema.GroupResource
	// Namespace is where; empty for the whole cluster.
	Namespace string
}

// String is the attempt for a person, such as "create pods in namespace shop".
func (a Attempt) String() string {
	if a.Namespace == "" {
		return fmt.Sprintf("%s %s", a.Verb, a.Resource)
	}
	return fmt.Sprintf("%s %s in namespace %s", a.Verb, a.Resource, a.Namespace)
}
