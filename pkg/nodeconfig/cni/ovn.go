package cni

import (
	"fmt"
	"net/netip"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

// OVNNetwork is the name that hybrid-overlay-node gives the network in Windows.
const OVNNetwork = "OVNKubernetesHybridOverlayNetwork"

// OVNBaseNetwork is the name of a second one that it makes, of a subnet that nobody uses: it keeps the virtual switch, and
// with it the node's address, while the other one is made anew after a boot. See ensureBaseNetwork in
// https://github.com/ovn-kubernetes/ovn-kubernetes/tree/master/go-controller/hybrid-overlay/pkg/controller.
const OVNBaseNetwork = "BaseOVNKubernetesHybridOverlayNetwork"

// OVNSubnetAnnotation is where OVN-Kubernetes tells a node its subnet.
const OVNSubnetAnnotation = "k8s.ovn.org/hybrid-overlay-node-subnet"

// maxPrefixBits leaves room for the gateway, the source address of kube-proxy, and a pod.
const maxPrefixBits = 28

// OVNSubnet is the part of the hybrid overlay that is a node's.
type OVNSubnet struct {
	Prefix netip.Prefix
	// SourceVIP is the address from which kube-proxy reaches pods of other nodes: the last one of the subnet.
	SourceVIP netip.Addr
	// Last is the last address for pods.
	Last netip.Addr
}

// ParseOVNSubnet reads a node's annotation [OVNSubnetAnnotation]. kube-proxy makes its endpoint by itself, from an
// address that it is told; keeping that address out of the pods' range is all that it takes.
func ParseOVNSubnet(text string) (OVNSubnet, error) {
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return OVNSubnet{}, fmt.Errorf("reading the node's subnet: %w", err)
	case !prefix.Addr().Is4():
		return OVNSubnet{}, fmt.Errorf("the node's subnet %s is not of IPv4: the hybrid overlay has no other", prefix)
	case prefix.Bits() > maxPrefixBits:
		return OVNSubnet{}, fmt.Errorf("the node's subnet %s is smaller than /%d", prefix, maxPrefixBits)
	}
	prefix = prefix.Masked()
	vip := broadcast(prefix).Prev()
	return OVNSubnet{Prefix: prefix, SourceVIP: vip, Last: vip.Prev()}, nil
}

// broadcast is the last address of an IPv4 prefix.
func broadcast(prefix netip.Prefix) netip.Addr {
	address := prefix.Addr().As4()
	for bit := prefix.Bits(); bit < 32; bit++ {
		address[bit/8] |= 1 << (7 - bit%8)
	}
	return netip.AddrFrom4(address)
}

// OVN renders the configuration for the hybrid overlay of OVN-Kubernetes.
func OVN(c Cluster, subnet OVNSubnet, nodeIP string) (File, error) {
	policies := []any{outboundNAT(c.ServiceCIDRs)}
	for _, services := range c.ServiceCIDRs {
		policies = append(policies, encapsulate(services))
	}
	policies = append(policies, providerAddress(nodeIP))
	content, err := document.JSON(map[string]any{
		"cniVersion":   "0.3.1",
		"name":         OVNNetwork,
		"type":         "win-overlay",
		"apiVersion":   2,
		"capabilities": map[string]any{"dns": true, "portMappings": true},
		"loopbackDSR":  true,
		"ipam": map[string]any{
			"type":     "host-local",
			"subnet":   subnet.Prefix.String(),
			"rangeEnd": subnet.Last.String(),
		},
		"policies": policies,
	})
	return File{Name: "10-ovn-hybrid-overlay.conf", Content: content}, err
}
