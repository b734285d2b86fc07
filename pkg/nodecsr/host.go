package nodecsr

import "net/netip"

// Host is a host whose node may have certificates.
type Host struct {
	// NodeName is the name of the host's node.
	NodeName string
	// BootstrapUser is the user as whom the host's bootstrap credentials make it known to the API server, such as
	// system:bootstrap:07401b for a bootstrap token. Empty where none are valid any more: then only the node itself
	// can ask.
	BootstrapUser string
	// DNSNames are the names, beside that of the node, by which the host is reached and which were verified.
	DNSNames []string
	// Addresses are the host's verified addresses.
	Addresses []netip.Addr
	// Disputed are those of them that are somebody else's as well, and whose. There is no certificate for them: what is
	// known of a host comes from the host, which may have been taken over and say that it has the address of another.
	Disputed map[netip.Addr]string
	// DisputedNames are the same of the host's names, that of its node included, in lower case.
	DisputedNames map[string]string
}

// Hosts finds hosts.
type Hosts interface {
	// ByNodeName returns the host whose node has exactly that name, and false where there is none that is claimed.
	ByNodeName(name string) (Host, bool)
}
