package approver

import (
	"context"
	"fmt"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

// apiService is the Service that leads to the API servers.
const apiService = "kubernetes"

// dispute finds which of a host's addresses and names are somebody else's. In many clusters the authority that signs
// kubelets' certificates is the one that signs those of API servers: a host that got one for an address or a name of an
// API server could be taken for it.
func (r *Reconciler) dispute(ctx context.Context, host *nodecsr.Host) error {
	known, err := r.cluster(ctx)
	if err != nil {
		return fmt.Errorf("finding out which addresses and names are the cluster's: %w", err)
	}
	if host.Disputed, err = r.disputedAddresses(ctx, host); err != nil {
		return err
	}
	taken := takenBy(&known)
	for _, address := range host.Addresses {
		if owner := taken.ownerOfAddress(address); owner != "" && host.Disputed[address] == "" {
			host.Disputed[address] = owner
		}
	}
	host.DisputedNames = taken.disputedNames(host)
	return nil
}

// disputedAddresses are those of API servers, or of other nodes.
func (r *Reconciler) disputedAddresses(ctx context.Context, host *nodecsr.Host) (map[netip.Addr]string, error) {
	disputed := map[netip.Addr]string{}
	dispute := func(owner string, texts ...string) {
		for _, text := range texts {
			address, err := netip.ParseAddr(text)
			if err == nil && slices.ContainsFunc(host.Addresses, func(own netip.Addr) bool { return own.Unmap() == address.Unmap() }) {
				disputed[address] = owner
			}
		}
	}
	var nodes corev1.NodeList
	if err := r.client.List(ctx, &nodes); err != nil {
		return nil, fmt.Errorf("listing nodes: %w", err)
	}
	for i := range nodes.Items {
		if node := &nodes.Items[i]; node.Name != host.NodeName {
			for _, address := range node.Status.Addresses {
				dispute("node "+node.Name, address.Address)
			}
		}
	}
	var endpoints discoveryv1.EndpointSliceList
	err := r.api.List(ctx, &endpoints, client.InNamespace(metav1.NamespaceDefault),
		client.MatchingLabels{discoveryv1.LabelServiceName: apiService})
	if err != nil {
		return nil, fmt.Errorf("listing the addresses of API servers: %w", err)
	}
	for i := range endpoints.Items {
		for k := range endpoints.Items[i].Endpoints {
			dispute("an API server", endpoints.Items[i].Endpoints[k].Addresses...)
		}
	}
	var service corev1.Service
	if err := r.api.Get(ctx, client.ObjectKey{Namespace: metav1.NamespaceDefault, Name: apiService}, &service); err != nil {
		return nil, fmt.Errorf("reading Service %s/%s: %w", metav1.NamespaceDefault, apiService, err)
	}
	dispute("the Service "+apiService, service.Spec.ClusterIPs...)
	return disputed, nil
}
