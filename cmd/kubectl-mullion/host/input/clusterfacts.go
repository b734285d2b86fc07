package input

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"k8s.io/apimachinery/pkg/util/version"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// The kind of the document that stands in for a cluster. No API server knows it.
const (
	clusterFactsVersion = "local.mullion.dev/v1"
	clusterFactsKind    = "ClusterFacts"
)

// ClusterFacts are what a host has to know of its cluster, and of its place in it. Paths of files are relative to the
// file that this is in. A token is always in a file of its own, never in this one, which may be shown and shared.
type ClusterFacts struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`

	// UID tells clusters apart: kubectl get namespace kube-system -o jsonpath={.metadata.uid}.
	UID string `json:"uid"`
	// Server is the URL of the API server as nodes reach it.
	Server string `json:"server"`
	// Version is that of the oldest API server.
	Version string `json:"version"`
	// AuthorityFile has the authorities that API servers' certificates are from, in PEM.
	AuthorityFile string `json:"authorityFile"`
	// ClientAuthorityFile has those that kubelets' clients' certificates are from; often the same. That is the default.
	ClientAuthorityFile string `json:"clientAuthorityFile,omitempty"`
	// TrustedAuthoritiesFile has what everything in the cluster trusts besides.
	TrustedAuthoritiesFile string `json:"trustedAuthoritiesFile,omitempty"`
	// DNS are the addresses of the cluster's DNS.
	DNS []netip.Addr `json:"dns"`
	// Domain is cluster.local by default.
	Domain       string         `json:"domain,omitempty"`
	ServiceCIDRs []netip.Prefix `json:"serviceCIDRs"`
	PodCIDRs     []netip.Prefix `json:"podCIDRs"`

	Node NodeFacts `json:"node,omitempty"`
}

// NodeFacts are what is known of the node that the host is, or is to become.
type NodeFacts struct {
	// Name is the host's own by default.
	Name string `json:"name,omitempty"`
	// BootstrapTokenFile has a token that lets this host join: kubeadm token create. It goes when the node has joined.
	BootstrapTokenFile string `json:"bootstrapTokenFile,omitempty"`
	// Joined tells that the node is registered and has its certificates.
	Joined bool `json:"joined,omitempty"`
	// OVNSubnet is the node's annotation k8s.ovn.org/hybrid-overlay-node-subnet, with that network only.
	OVNSubnet string `json:"ovnSubnet,omitempty"`
	// SourceVIP is an address that was set aside for kube-proxy, with networks that need one.
	SourceVIP netip.Addr `json:"sourceVIP,omitzero"`
}

// cluster reads the files that the facts name.
func (c *ClusterFacts) cluster(directory string) (nodeconfig.Cluster, error) {
	parsed, err := version.ParseSemantic(c.Version)
	if err != nil {
		return nodeconfig.Cluster{}, fmt.Errorf("version: %w", err)
	}
	if c.Domain == "" {
		c.Domain = "cluster.local"
	}
	if c.ClientAuthorityFile == "" {
		c.ClientAuthorityFile = c.AuthorityFile
	}
	cluster := nodeconfig.Cluster{
		UID: c.UID, Server: c.Server, ServerVersion: parsed, DNS: c.DNS, Domain: c.Domain,
		ServiceCIDRs: c.ServiceCIDRs, PodCIDRs: c.PodCIDRs,
	}
	for _, file := range []struct {
		field, path string
		into        *[]byte
	}{
		{"authorityFile", c.AuthorityFile, &cluster.Authority},
		{"clientAuthorityFile", c.ClientAuthorityFile, &cluster.ClientAuthority},
		{"trustedAuthoritiesFile", c.TrustedAuthoritiesFile, &cluster.TrustedAuthorities},
	} {
		if *file.into, err = readBeside(directory, file.path); err != nil {
			return cluster, fmt.Errorf("%s: %w", file.field, err)
		}
	}
	return cluster, nil
}

// host is what is known of the host besides its own facts.
func (n *NodeFacts) host(directory string) (nodeconfig.Host, error) {
	host := nodeconfig.Host{NodeName: n.Name, Joined: n.Joined, OVNSubnet: n.OVNSubnet, SourceVIP: n.SourceVIP}
	token, err := readBeside(directory, n.BootstrapTokenFile)
	if err != nil {
		return host, fmt.Errorf("node.bootstrapTokenFile: %w", err)
	}
	host.BootstrapToken = strings.TrimSpace(string(token))
	if n.Joined && host.BootstrapToken != "" {
		return host, errors.New("node.bootstrapTokenFile: a node that has joined needs no token: take it away")
	}
	return host, nil
}

// readBeside reads a file whose path is relative to a directory. None is nothing.
func readBeside(directory, path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(directory, path)
	}
	return os.ReadFile(path) //nolint:gosec // The user names it.
}
