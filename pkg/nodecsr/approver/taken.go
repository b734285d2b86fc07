package approver

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

// Owners of what is the cluster's own, as refusals name them.
const (
	ownerServer     = "the URL by which nodes reach API servers"
	ownerService    = "a Service"
	ownerEverywhere = "every machine"
)

// taken is what is the cluster's own, and no node's. It is not known from any list: API servers may be behind a load
// balancer that no object tells of but their URL, and a host that is about to join may call itself whatever it likes.
type taken struct {
	// server is the name or the address in the URL of API servers, in lower case, and serverAddress that address.
	server        string
	serverAddress netip.Addr
	services      []netip.Prefix
	// domain is that of the cluster's DNS, in lower case.
	domain string
}

func takenBy(known *nodeconfig.Cluster) taken {
	t := taken{services: known.ServiceCIDRs, domain: folded(known.Domain)}
	if at, err := url.Parse(known.Server); err == nil {
		t.server = folded(at.Hostname())
	}
	if address, err := netip.ParseAddr(t.server); err == nil {
		t.serverAddress = address.Unmap()
	}
	return t
}

// ownerOfAddress is whose an address is; empty where it is nobody's.
func (t *taken) ownerOfAddress(address netip.Addr) string {
	address = address.Unmap()
	switch {
	case address == t.serverAddress:
		return ownerServer
	case slices.ContainsFunc(t.services, func(services netip.Prefix) bool { return services.Contains(address) }):
		return ownerService
	default:
		return ""
	}
}

// ownerOfName is whose a name is; empty where it is nobody's. Pods find Services by these names, and expect the certificates
// of API servers to have those of the Service kubernetes. Source:
// https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/.
func (t *taken) ownerOfName(name string) string {
	name = folded(name)
	below := func(domain string) bool { return strings.HasSuffix(name, "."+domain) }
	switch {
	case name == t.server:
		return ownerServer
	case name == "localhost" || below("localhost"):
		return ownerEverywhere
	case name == apiService || name == apiService+"."+metav1.NamespaceDefault:
		return "the Service " + apiService
	case below("svc") || t.domain != "" && below("svc."+t.domain):
		return ownerService
	default:
		return ""
	}
}

// disputedNames are those of a host's names that are somebody else's, in lower case, and whose.
func (t *taken) disputedNames(host *nodecsr.Host) map[string]string {
	disputed := map[string]string{}
	for _, name := range append([]string{host.NodeName}, host.DNSNames...) {
		if owner := t.ownerOfName(name); owner != "" {
			disputed[strings.ToLower(name)] = owner
		}
	}
	return disputed
}

// folded is a name as names are compared.
func folded(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }
