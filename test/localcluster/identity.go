package localcluster

import (
	"context"
	"fmt"
	"strings"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"github.com/mullion-dev/mullion/test/process"
)

// tokenLifetime outlasts any test and any demonstration left running for a while.
const tokenLifetime = 7 * 24 * time.Hour

// Identity is somebody whom the API server knows, with exactly the rights that RBAC grants. Its methods may
// be called concurrently.
type Identity struct {
	config     rest.Config
	kubeconfig string
	kubectl    string // The executable.
}

// RESTConfig returns a client configuration of the identity, without a rate limit. Callers may change it.
func (i *Identity) RESTConfig() *rest.Config { return rest.CopyConfig(&i.config) }

// Kubeconfig is the path of a kubeconfig file of the identity. It is removed with the cluster's data.
func (i *Identity) Kubeconfig() string { return i.kubeconfig }

// User returns a user, authenticated by a client certificate of the cluster's authority.
func (c *Cluster) User(name string, groups ...string) (*Identity, error) {
	return newUser(c.plane.dir, c.plane.executable, c.plane.ports.apiServer, c.credentials.cluster, name, groups...)
}

// ServiceAccount returns an existing service account, authenticated by a token that the API server issues. A
// process that uses its kubeconfig runs with the very rights of a pod of that service account.
func (c *Cluster) ServiceAccount(ctx context.Context, namespace, name string) (*Identity, error) {
	client, err := kubernetes.NewForConfig(c.RESTConfig())
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	seconds := int64(tokenLifetime / time.Second)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &seconds}}
	granted, err := client.CoreV1().ServiceAccounts(namespace).CreateToken(ctx, name, request, metav1.CreateOptions{})
	if err != nil {
		return nil, fmt.Errorf("requesting a token of service account %s/%s: %w", namespace, name, err)
	}
	config := connection(c.plane.ports.apiServer, c.credentials.cluster)
	config.BearerToken = granted.Status.Token
	return newIdentity(c.plane.dir, c.plane.executable, "system:serviceaccount:"+namespace+":"+name, config)
}

// newUser issues a client certificate.
func newUser(dir *dataDir, kubectl string, server *process.Port, authority *authority, name string, groups ...string) (*Identity, error) {
	pair, err := authority.client(name, groups...)
	if err != nil {
		return nil, err
	}
	config := connection(server, authority)
	config.CertData, config.KeyData = pair.certificate, pair.key
	return newIdentity(dir, kubectl, name, config)
}

// connection is what everybody's configuration has in common.
func connection(server *process.Port, authority *authority) rest.Config {
	return rest.Config{
		Host:            "https://" + server.Address(),
		TLSClientConfig: rest.TLSClientConfig{CAData: authority.pem()},
		QPS:             -1, // The API server's priority and fairness limits where it must.
	}
}

// newIdentity stores the configuration as a kubeconfig file.
func newIdentity(dir *dataDir, kubectl, user string, config rest.Config) (*Identity, error) {
	const name = "localcluster"
	kubeconfig := clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server:                   config.Host,
			CertificateAuthorityData: config.CAData,
		}},
		AuthInfos: map[string]*clientcmdapi.AuthInfo{name: {
			ClientCertificateData: config.CertData,
			ClientKeyData:         config.KeyData,
			Token:                 config.BearerToken,
		}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}
	path := kubeconfigPath(dir, user)
	if err := clientcmd.WriteToFile(kubeconfig, path); err != nil {
		return nil, fmt.Errorf("writing a kubeconfig: %w", err)
	}
	return &Identity{config: config, kubeconfig: path, kubectl: kubectl}, nil
}

// kubeconfigPath is the file of a user, whose name may hold what a file's name had better not.
func kubeconfigPath(dir *dataDir, user string) string {
	return dir.join(strings.NewReplacer("/", "-", ":", "-").Replace(user) + ".kubeconfig")
}
