package kubelet

import (
	clientcmdv1 "k8s.io/client-go/tools/clientcmd/api/v1"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

// contextName names the one cluster, user and context of a kubeconfig.
const contextName = "bootstrap"

// Bootstrap renders the kubeconfig by which a kubelet asks for its first certificate. The result is secret: it has
// the token. The kubelet keeps what it is given for it in another file.
func Bootstrap(server string, authority []byte, token string) ([]byte, error) {
	return document.JSON(clientcmdv1.Config{
		APIVersion: clientcmdv1.SchemeGroupVersion.String(),
		Kind:       "Config",
		Clusters: []clientcmdv1.NamedCluster{{
			Name:    contextName,
			Cluster: clientcmdv1.Cluster{Server: server, CertificateAuthorityData: authority},
		}},
		AuthInfos: []clientcmdv1.NamedAuthInfo{{
			Name:     contextName,
			AuthInfo: clientcmdv1.AuthInfo{Token: token},
		}},
		Contexts: []clientcmdv1.NamedContext{{
			Name:    contextName,
			Context: clientcmdv1.Context{Cluster: contextName, AuthInfo: contextName},
		}},
		CurrentContext: contextName,
	})
}
