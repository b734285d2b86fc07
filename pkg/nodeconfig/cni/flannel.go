package cni

import (
	"fmt"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

// File is a network's configuration.
type File struct {
	// Name is the file's name. The container runtime takes the first by name.
	Name    string
	Content []byte
}

// Cluster is what every network has to know of the cluster.
type Cluster struct {
	// PodCIDRs and ServiceCIDRs are the cluster's, in the order of its address families.
	PodCIDRs     []string
	ServiceCIDRs []string
	DNS          []string
	Domain       string
}

// FlannelHostGatewayNetwork is the name that Flannel gives the network in Windows with the backend host-gw: that of its
// CNI configuration.
const FlannelHostGatewayNetwork = "cbr0"

// FlannelOverlayNetwork is the name that Flannel gives the network in Windows with the backend vxlan, unless its
// configuration has another one, which only exists there. See RegisterNetwork in
// https://github.com/flannel-io/flannel/blob/master/pkg/backend/vxlan/vxlan_windows.go.
func FlannelOverlayNetwork(vni int32) string { return fmt.Sprintf("flannel.%d", vni) }

// FlannelOverlay renders the configuration for Flannel's backend vxlan. Flannel's own plugin adds the node's subnet
// and delegates the rest to win-overlay; the name has to be the network's.
func FlannelOverlay(c Cluster, vni int32, nodeIP string) (File, error) {
	policies := []any{outboundNAT(append(append([]string(nil), c.PodCIDRs...), c.ServiceCIDRs...))}
	for _, services := range c.ServiceCIDRs {
		policies = append(policies, encapsulate(services))
	}
	policies = append(policies, providerAddress(nodeIP))
	return flannel(FlannelOverlayNetwork(vni), "win-overlay", c, policies)
}

// FlannelHostGateway renders the configuration for Flannel's backend host-gw. The node's own network is no exception
// of masquerading for pods only, but of everything: nodeNetwork is the one that nodes are on.
func FlannelHostGateway(c Cluster, nodeNetwork, nodeIP string) (File, error) {
	exceptions := append(append([]string(nil), c.PodCIDRs...), c.ServiceCIDRs...)
	policies := []any{outboundNAT(append(exceptions, nodeNetwork))}
	for _, services := range c.ServiceCIDRs {
		policies = append(policies, encapsulate(services))
	}
	policies = append(policies, encapsulate(nodeIP+"/32"))
	return flannel(FlannelHostGatewayNetwork, "win-bridge", c, policies)
}

func flannel(network, plugin string, c Cluster, policies []any) (File, error) {
	content, err := document.JSON(map[string]any{
		"cniVersion":   "0.3.1",
		"name":         network,
		"type":         "flannel",
		"capabilities": map[string]any{"dns": true, "portMappings": true},
		"delegate": map[string]any{
			"type":        plugin,
			"apiVersion":  2,
			"loopbackDSR": true,
			"dns":         dns(c),
			"policies":    policies,
		},
	})
	return File{Name: "10-flannel.conf", Content: content}, err
}

// dns is what a pod falls back to that brings no resolver configuration.
func dns(c Cluster) map[string]any {
	return map[string]any{
		"nameservers": document.Strings(c.DNS),
		"search":      []any{"svc." + c.Domain},
	}
}
