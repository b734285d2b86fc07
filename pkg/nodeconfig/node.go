package nodeconfig

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1validation "k8s.io/apimachinery/pkg/apis/meta/v1/validation"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubelet"
)

// buildNode says who the node is: its name, address, labels and taints.
func (b *builder) buildNode() {
	b.nodeName = strings.ToLower(b.host.Facts.Hostname)
	if b.host.NodeName != "" {
		b.nodeName = b.host.NodeName
	}
	if problems := validation.IsDNS1123Subdomain(b.nodeName); len(problems) > 0 {
		b.wrong(field.Invalid(field.NewPath("metadata", "name"), b.nodeName, fmt.Sprintf(
			"the host cannot be a node by this name: %s", strings.Join(problems, "; "))))
	}
	b.buildAddress()
	b.wrong(metav1validation.ValidateLabels(b.spec.Labels, specPath("labels"))...)
	b.checkTaints()
	b.registered, b.managed = kubelet.SplitLabels(b.spec.Labels)
}

// buildAddress picks the host's address: in the network that is asked for, or on the interface with the default
// route. A host with several of them is asked about rather than guessed at.
func (b *builder) buildAddress() {
	fld := specPath("network", "nodeCIDR")
	wanted, err := netip.ParsePrefix(b.spec.Network.NodeCIDR)
	if b.spec.Network.NodeCIDR != "" && err != nil {
		b.wrong(field.Invalid(fld, b.spec.Network.NodeCIDR, "is not a network, such as 10.0.0.0/16"))
		return
	}
	candidates := b.addresses(func(network string, address netip.Prefix) bool {
		if wanted.IsValid() {
			return wanted.Contains(address.Addr())
		}
		route := b.host.Facts.DefaultRoute
		return route != nil && route.Network == network && address.Addr().Is4()
	})
	switch {
	case len(candidates) == 1:
		b.nodeIP, b.nodeNetwork = candidates[0].Addr(), candidates[0].Masked()
	case len(candidates) == 0 && wanted.IsValid():
		b.wrong(field.Invalid(fld, b.spec.Network.NodeCIDR, "the host has no address in it"))
	case len(candidates) == 0:
		b.wrong(field.Required(fld, "the host has no IPv4 address on an interface with a default route: say which network nodes are on"))
	default:
		b.wrong(field.Invalid(fld, b.spec.Network.NodeCIDR, fmt.Sprintf("the host has several addresses in it: %v", candidates)))
	}
}

// addresses are those of the host that satisfy a condition, except those that only reach the host or the next one:
// unless a loopback network is asked for by name, as for nodes that all share the machine of the API server.
func (b *builder) addresses(condition func(network string, address netip.Prefix) bool) []netip.Prefix {
	var found []netip.Prefix
	for _, network := range b.host.Facts.Networks {
		for _, text := range network.Addresses {
			address, err := netip.ParsePrefix(text)
			if err != nil || address.Addr().IsLinkLocalUnicast() || address.Addr().IsLoopback() && !b.asksForLoopback() {
				continue
			}
			if condition(network.Name, address) {
				found = append(found, address)
			}
		}
	}
	return found
}

func (b *builder) asksForLoopback() bool {
	wanted, err := netip.ParsePrefix(b.spec.Network.NodeCIDR)
	return err == nil && wanted.Addr().IsLoopback()
}

func (b *builder) checkTaints() {
	for i, taint := range b.spec.Taints {
		fld := specPath("taints").Index(i)
		for _, problem := range validation.IsQualifiedName(taint.Key) {
			b.wrong(field.Invalid(fld.Child("key"), taint.Key, problem))
		}
		for _, problem := range validation.IsValidLabelValue(taint.Value) {
			b.wrong(field.Invalid(fld.Child("value"), taint.Value, problem))
		}
		switch taint.Effect {
		case corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute:
		default:
			b.wrong(field.NotSupported(fld.Child("effect"), taint.Effect, []corev1.TaintEffect{
				corev1.TaintEffectNoSchedule, corev1.TaintEffectPreferNoSchedule, corev1.TaintEffectNoExecute,
			}))
		}
	}
}
