package nodeconfig

import (
	"net/netip"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/bundle"
)

// Cluster is what a node has to know of its cluster.
type Cluster struct {
	// UID tells clusters apart: that of the namespace kube-system.
	UID string
	// Server is the URL of the API server as nodes reach it.
	Server string
	// Authority is PEM of the authorities that API servers' certificates are from.
	Authority []byte
	// ClientAuthority is PEM of the authorities that certificates of API servers as clients of kubelets are from.
	// In many clusters they are the same; whoever has a certificate from them may use every kubelet.
	ClientAuthority []byte
	// ServerVersion is that of the oldest API server.
	ServerVersion *version.Version
	DNS           []netip.Addr
	Domain        string
	ServiceCIDRs  []netip.Prefix
	PodCIDRs      []netip.Prefix
	// TrustedAuthorities is PEM that everything in the cluster trusts, such as the authority of its proxy; optional.
	TrustedAuthorities []byte
	// Proxy is the one that the cluster itself uses; nil where it has none. A configuration that says which proxy to use
	// needs nothing of it. It is left out where configurations are named, so that they keep their names without it.
	Proxy *v1alpha1.ProxySpec `json:",omitempty"`
}

// Host is one host and what is known of the node that it is, or is to become.
type Host struct {
	Facts state.Facts
	// NodeName is the name of the node; empty is the host's own.
	NodeName string
	// BootstrapToken is this host's alone and ends soon. It is empty once the host has joined: a host that has a
	// certificate needs no token, and then has none. It is secret.
	BootstrapToken string
	// AuthorizedKeys are the lines by which the host lets the node manager log in, from now on. None leaves to others who
	// may; lines that others have written stay, unless they are of one of the RetiredKeys.
	AuthorizedKeys []string
	// RetiredKeys are lines of keys that must let nobody in any more, whoever has written them to the host. None of them
	// may be one of AuthorizedKeys.
	RetiredKeys []string
	// Joined tells that the node is registered and has its serving certificate. What needs either runs from then on.
	Joined bool
	// Ready tells that the node is: then nobody has to bring anything for its network any more.
	Ready bool
	// OVNSubnet is the node's annotation of the hybrid overlay, once it has one. Whoever reads it keeps it: without
	// it, what depends on it would be taken off the host again.
	OVNSubnet string
	// SourceVIP is an address of the node's subnet that was set aside for kube-proxy; see [Result].Waiting.
	SourceVIP netip.Addr
}

// Bundle is the node bundle that a configuration names.
type Bundle struct {
	// Digest is that of its reference, sha256:….
	Digest   string
	Manifest *bundle.Manifest
}

// Result is what a host shall be.
type Result struct {
	State state.Desired
	// NodeName and NodeIP are those that the node registers with.
	NodeName string
	NodeIP   netip.Addr
	// ManagedLabels are those that the kubelet may not set by itself.
	ManagedLabels map[string]string
	// Waiting says, in sentences, what has to happen elsewhere before the host can be complete.
	Waiting []string
	// Warnings are sentences about what will work, but not well.
	Warnings []string
}
