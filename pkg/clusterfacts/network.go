package clusterfacts

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// defaultDomain is that of a cluster for which nobody has chosen another.
const defaultDomain = "cluster.local"

// dnsLabel marks the Service of the cluster's DNS whatever its name, as kubeadm, k3s and RKE2 have it.
const dnsLabel, dnsLabelValue = "k8s-app", "kube-dns"

// findDNS finds the addresses of the Service by which pods reach the cluster's DNS.
func (g *gathering) findDNS(ctx context.Context) error {
	if g.found.DNS = g.given.DNS; len(g.found.DNS) > 0 {
		return nil
	}
	service, err := g.findDNSService(ctx)
	if err != nil {
		return err
	}
	for _, text := range service.Spec.ClusterIPs {
		address, err := netip.ParseAddr(text)
		if err != nil {
			continue // None: it is a headless Service.
		}
		g.found.DNS = append(g.found.DNS, address)
	}
	if len(g.found.DNS) == 0 {
		return errors.New("nothing tells the address of the cluster's DNS: there is no Service kube-system/kube-dns, " +
			"openshift-dns/dns-default or with the label k8s-app=kube-dns in kube-system; give it with --cluster-dns")
	}
	return nil
}

// findDNSService is empty where there is none.
func (g *gathering) findDNSService(ctx context.Context) (*corev1.Service, error) {
	for _, known := range []client.ObjectKey{
		{Namespace: metav1.NamespaceSystem, Name: "kube-dns"},
		{Namespace: "openshift-dns", Name: "dns-default"},
	} {
		var service corev1.Service
		if found, err := g.find(ctx, "Service", known.Namespace, known.Name, &service); err != nil || found {
			return &service, err
		}
	}
	var services corev1.ServiceList
	err := g.reader.List(ctx, &services, client.InNamespace(metav1.NamespaceSystem), client.MatchingLabels{dnsLabel: dnsLabelValue})
	switch {
	case err != nil:
		return nil, fmt.Errorf("listing Services in %s: %w", metav1.NamespaceSystem, err)
	case len(services.Items) == 0:
		return &corev1.Service{}, nil
	default:
		return &services.Items[0], nil
	}
}

func (g *gathering) findDomain() {
	g.found.Domain = cmp.Or(g.given.Domain, g.kubeadm.Networking.DNSDomain, defaultDomain)
}

// findServiceCIDRs reads the blocks of Services' addresses, which are objects since Kubernetes 1.33.
func (g *gathering) findServiceCIDRs(ctx context.Context) error {
	if g.found.ServiceCIDRs = g.given.ServiceCIDRs; len(g.found.ServiceCIDRs) > 0 {
		return nil
	}
	var blocks networkingv1.ServiceCIDRList
	if err := g.reader.List(ctx, &blocks); err != nil {
		return fmt.Errorf("listing ServiceCIDRs: %w", err)
	}
	var texts []string
	for i := range blocks.Items {
		texts = append(texts, blocks.Items[i].Spec.CIDRs...)
	}
	var err error
	if g.found.ServiceCIDRs, err = parsePrefixes(texts); err != nil {
		return fmt.Errorf("reading ServiceCIDRs: %w", err)
	}
	if len(g.found.ServiceCIDRs) == 0 {
		return errors.New("nothing tells the addresses of Services: there is no ServiceCIDR; give them with --service-cidrs")
	}
	return nil
}

// findPodCIDRs finds the blocks of pods' addresses. There is no object for them: whoever has installed the network knows.
func (g *gathering) findPodCIDRs() error {
	if g.found.PodCIDRs = g.given.PodCIDRs; len(g.found.PodCIDRs) > 0 {
		return nil
	}
	source, texts := "podSubnet of ConfigMap kube-system/kubeadm-config", g.kubeadm.podCIDRs()
	if g.openshift != nil {
		source, texts = "Network."+openshiftGroup+" "+openshiftName, g.openshift.podCIDRs
	}
	var err error
	if g.found.PodCIDRs, err = parsePrefixes(texts); err != nil {
		return fmt.Errorf("reading %s: %w", source, err)
	}
	if len(g.found.PodCIDRs) == 0 {
		return fmt.Errorf("nothing tells the addresses of pods: %s has none; give them with --pod-cidrs", source)
	}
	return nil
}

func parsePrefixes(texts []string) ([]netip.Prefix, error) {
	var prefixes []netip.Prefix
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, err
		}
		prefixes = append(prefixes, prefix)
	}
	return prefixes, nil
}
