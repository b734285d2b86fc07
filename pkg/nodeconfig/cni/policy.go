package cni

import "github.com/mullion-dev/mullion/pkg/nodeconfig/document"

// policy is one policy of a pod's endpoint.
func policy(kind string, settings map[string]any) map[string]any {
	return map[string]any{
		"name":  "EndpointPolicy",
		"value": map[string]any{"type": kind, "settings": settings},
	}
}

// outboundNAT gives packets to anywhere but the exceptions the node's address.
func outboundNAT(exceptions []string) map[string]any {
	return policy("OutBoundNAT", map[string]any{"exceptions": document.Strings(exceptions)})
}

// encapsulate sends packets to a destination through the overlay, where kube-proxy's rules see them.
func encapsulate(destination string) map[string]any {
	return policy("SDNRoute", map[string]any{"destinationPrefix": destination, "needEncap": true})
}

// providerAddress tells the overlay the node's own address.
func providerAddress(address string) map[string]any {
	return policy("ProviderAddress", map[string]any{"providerAddress": address})
}
