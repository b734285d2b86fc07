package clusterfacts

import (
	"context"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/clientcmd"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
	"sigs.k8s.io/yaml"
)

// kubeadm is what kubeadm has noted of a cluster, in a ConfigMap that nodes read when they are upgraded.
type kubeadm struct {
	Networking struct {
		DNSDomain string `json:"dnsDomain"`
		PodSubnet string `json:"podSubnet"`
	} `json:"networking"`
}

// podCIDRs are one or, with two families of addresses, two.
func (k *kubeadm) podCIDRs() []string {
	return strings.FieldsFunc(k.Networking.PodSubnet, func(r rune) bool { return r == ',' || r == ' ' })
}

func (g *gathering) readKubeadm(ctx context.Context) error {
	const name, key = "kubeadm-config", "ClusterConfiguration"
	text, err := g.findConfigMap(ctx, metav1.NamespaceSystem, name, key)
	if err != nil {
		return err
	}
	if err := yaml.Unmarshal([]byte(text), &g.kubeadm); err != nil {
		return fmt.Errorf("reading %s of ConfigMap %s/%s: %w", key, metav1.NamespaceSystem, name, err)
	}
	return nil
}

// clusterInfo is what a cluster shows to whoever is about to join it, see
// https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/#configmap-signing.
type clusterInfo struct {
	server    string
	authority []byte
}

func (g *gathering) readClusterInfo(ctx context.Context) error {
	text, err := g.findConfigMap(ctx, metav1.NamespacePublic, bootstrapapi.ConfigMapClusterInfo, bootstrapapi.KubeConfigKey)
	if err != nil || text == "" {
		return err
	}
	kubeconfig, err := clientcmd.Load([]byte(text))
	if err != nil {
		return fmt.Errorf("reading %s of ConfigMap %s/%s: %w", bootstrapapi.KubeConfigKey, metav1.NamespacePublic,
			bootstrapapi.ConfigMapClusterInfo, err)
	}
	for _, cluster := range kubeconfig.Clusters { // There is one, without a name.
		g.info = clusterInfo{server: cluster.Server, authority: cluster.CertificateAuthorityData}
	}
	return nil
}
