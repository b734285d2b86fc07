package clusterfacts

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// gathering is one look at the cluster.
type gathering struct {
	reader  client.Reader
	given   Given
	servers *servers

	openshift *openshift // nil on other clusters
	kubeadm   kubeadm    // zero where kubeadm, or what builds on it, has not made the cluster
	info      clusterInfo
	found     nodeconfig.Cluster
}

// gather finds out everything. The error has all that could not be found out.
func (f *Facts) gather(ctx context.Context) (nodeconfig.Cluster, error) {
	g := &gathering{reader: f.reader, given: f.given, servers: f.servers}
	if err := errors.Join(g.readOpenShift(ctx), g.readKubeadm(ctx), g.readClusterInfo(ctx)); err != nil {
		return nodeconfig.Cluster{}, err // The rest would only say in many words that it follows from these.
	}
	err := errors.Join(
		g.findUID(ctx),
		g.findServer(),
		g.findAuthority(ctx),
		g.findClientAuthority(ctx),
		g.findTrustedAuthorities(ctx),
		g.findServerVersion(ctx),
		g.findDNS(ctx),
		g.findServiceCIDRs(ctx),
		g.findPodCIDRs(),
	)
	if err != nil {
		return nodeconfig.Cluster{}, err
	}
	g.findDomain()
	g.findProxy()
	return g.found, nil
}

func (g *gathering) findUID(ctx context.Context) error {
	var namespace corev1.Namespace
	if err := g.reader.Get(ctx, client.ObjectKey{Name: metav1.NamespaceSystem}, &namespace); err != nil {
		return fmt.Errorf("reading namespace %s: %w", metav1.NamespaceSystem, err)
	}
	g.found.UID = string(namespace.UID)
	return nil
}

// find reads an object, and returns false where there is none, or where the cluster has no such kind.
func (g *gathering) find(ctx context.Context, kind, namespace, name string, object client.Object) (bool, error) {
	err := g.reader.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, object)
	switch {
	case apierrors.IsNotFound(err) || meta.IsNoMatchError(err):
		return false, nil
	case err != nil && namespace != "":
		return false, fmt.Errorf("reading %s %s/%s: %w", kind, namespace, name, err)
	case err != nil:
		return false, fmt.Errorf("reading %s %s: %w", kind, name, err)
	default:
		return true, nil
	}
}

// findConfigMap is what a ConfigMap has under a key, and "" where there is no such ConfigMap or key.
func (g *gathering) findConfigMap(ctx context.Context, namespace, name, key string) (string, error) {
	var object corev1.ConfigMap
	if found, err := g.find(ctx, "ConfigMap", namespace, name, &object); err != nil || !found {
		return "", err
	}
	return object.Data[key], nil
}
