package exporter

import (
	"cmp"
	"net/netip"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// defaultPort is what the API defaults to, for objects that no API server has defaulted.
const defaultPort = 9182

// Endpoint is where a node's metrics are served.
type Endpoint struct {
	Node    string
	Address netip.Addr
	Port    int32
	// Ready tells that the node is.
	Ready bool
}

// Endpoints are those of the hosts that run windows_exporter, by the names of their nodes. Ready tells whether the node of
// a name is Ready.
//
// A host runs it from when it has joined, if the node config that was applied to it has metrics. The port is that of the
// config as it is now, which the host has some time after a change.
func Endpoints(hosts []v1alpha1.WindowsHost, configs []v1alpha1.WindowsNodeConfig, ready func(node string) bool) []Endpoint {
	ports := map[string]int32{}
	for i := range configs {
		if metrics := configs[i].Spec.Metrics; metrics != nil {
			ports[configs[i].Name] = cmp.Or(metrics.Port, defaultPort)
		}
	}
	var endpoints []Endpoint
	for i := range hosts {
		host := &hosts[i]
		node, address, found := serving(host)
		port := ports[configOf(host)]
		if !found || port == 0 {
			continue
		}
		endpoints = append(endpoints, Endpoint{Node: node, Address: address, Port: port, Ready: ready(node)})
	}
	slices.SortFunc(endpoints, func(a, b Endpoint) int {
		return cmp.Or(cmp.Compare(a.Node, b.Node), a.Address.Compare(b.Address))
	})
	// Two hosts that claim one node would be two targets of one name: neither is wrong, but one is enough.
	return slices.CompactFunc(endpoints, func(a, b Endpoint) bool { return a.Node == b.Node })
}

// serving is the node that a host is and the address that its kubelet was given. A host that is being given back is none
// any more.
func serving(host *v1alpha1.WindowsHost) (node string, address netip.Addr, found bool) {
	n := host.Status.Node
	if n == nil || !n.Joined || !host.DeletionTimestamp.IsZero() || !slices.Contains(n.Addresses, addressOf(n)) {
		return "", netip.Addr{}, false
	}
	address, err := netip.ParseAddr(addressOf(n))
	if err != nil || address.IsLoopback() || address.IsLinkLocalUnicast() || address.IsMulticast() || address.IsUnspecified() {
		return "", netip.Addr{}, false // No API server would take it, and none is right.
	}
	return n.Name, address.Unmap(), true
}

// addressOf is a node's address. A status that does not say it is believed where there is only one.
func addressOf(n *v1alpha1.HostNode) string {
	if n.Address == "" && len(n.Addresses) == 1 {
		return n.Addresses[0]
	}
	return n.Address
}

// configOf is the name of the node config that was applied to a host; empty where none was.
func configOf(host *v1alpha1.WindowsHost) string {
	if host.Status.Applied == nil {
		return ""
	}
	return host.Status.Applied.NodeConfig
}

// isReady tells that a node reports that it is.
func isReady(node *corev1.Node) bool {
	return slices.ContainsFunc(node.Status.Conditions, func(c corev1.NodeCondition) bool {
		return c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue
	})
}
