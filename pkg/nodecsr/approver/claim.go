package approver

import (
	"context"
	"fmt"
	"net/netip"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

// nodeNameIndex is that of WindowsHosts by the names of their nodes.
const nodeNameIndex = "nodecsr.status.node.name"

func nodeNames(object client.Object) []string {
	host, ok := object.(*v1alpha1.WindowsHost)
	if !ok || host.Status.Node == nil {
		return nil
	}
	return []string{host.Status.Node.Name}
}

// claim is what a host may ask certificates for, and false where it may ask for none.
func claim(host *v1alpha1.WindowsHost) (nodecsr.Host, bool) {
	node := host.Status.Node
	if node == nil || node.Name == "" || !host.DeletionTimestamp.IsZero() ||
		!controllerutil.ContainsFinalizer(host, v1alpha1.FinalizerHost) ||
		!meta.IsStatusConditionTrue(host.Status.Conditions, v1alpha1.HostConditionHostKeyVerified) {
		return nodecsr.Host{}, false
	}
	known := nodecsr.Host{NodeName: node.Name, BootstrapUser: node.BootstrapUser}
	for _, text := range append([]string{node.Address}, node.Addresses...) {
		if address, err := netip.ParseAddr(text); err == nil {
			known.Addresses = append(known.Addresses, address)
		} else if text != "" {
			known.DNSNames = append(known.DNSNames, text)
		}
	}
	return known, true
}

// claims finds hosts for one request. It is used once, by one goroutine.
type claims struct {
	find func(nodeName string) ([]v1alpha1.WindowsHost, error)
	// dispute notes in a host which of its addresses and names are somebody else's; nil finds none.
	dispute func(host *nodecsr.Host) error
	// host is the one that was found last, and failure why nobody knows whether there is one.
	host    *v1alpha1.WindowsHost
	failure error
}

var _ nodecsr.Hosts = (*claims)(nil)

// ByNodeName finds the one host that claims the node.
func (c *claims) ByNodeName(name string) (nodecsr.Host, bool) {
	hosts, err := c.find(name)
	if err != nil {
		c.failure = err
		return nodecsr.Host{}, false
	}
	var found []nodecsr.Host
	for i := range hosts {
		if known, claimed := claim(&hosts[i]); claimed && known.NodeName == name {
			found = append(found, known)
			c.host = &hosts[i]
		}
	}
	if len(found) != 1 {
		return nodecsr.Host{}, false
	}
	if c.dispute != nil {
		if c.failure = c.dispute(&found[0]); c.failure != nil {
			return nodecsr.Host{}, false
		}
	}
	return found[0], true
}

// cached finds hosts as the cache has them.
func (r *Reconciler) cached(ctx context.Context) *claims {
	return &claims{find: func(nodeName string) ([]v1alpha1.WindowsHost, error) {
		var hosts v1alpha1.WindowsHostList
		if err := r.client.List(ctx, &hosts, client.MatchingFields{nodeNameIndex: nodeName}); err != nil {
			return nil, fmt.Errorf("finding the hosts of node %s: %w", nodeName, err)
		}
		return hosts.Items, nil
	}}
}

// live finds them as the API server has them. One of which the cache does not know yet that it claims the node is not
// found, which errs on the right side but for a second claim: that is seen a moment later, by whoever wrote it.
func (r *Reconciler) live(ctx context.Context) *claims {
	cached := r.cached(ctx)
	find := func(nodeName string) ([]v1alpha1.WindowsHost, error) {
		hosts, err := cached.find(nodeName)
		if err != nil {
			return nil, err
		}
		var fresh []v1alpha1.WindowsHost
		for i := range hosts {
			var host v1alpha1.WindowsHost
			name := client.ObjectKeyFromObject(&hosts[i])
			if err := r.api.Get(ctx, name, &host); client.IgnoreNotFound(err) != nil {
				return nil, fmt.Errorf("reading WindowsHost %s: %w", name, err)
			} else if err == nil {
				fresh = append(fresh, host)
			}
		}
		return fresh, nil
	}
	return &claims{find: find, dispute: func(host *nodecsr.Host) error { return r.dispute(ctx, host) }}
}
