package nodeconfig

import (
	"fmt"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/cni"
)

// Ports of networks.
const (
	vxlanPort = 4789 // Windows has no other for its own overlays.
	bgpPort   = 179
)

// defaultVNI is what the API defaults to, for objects that no API server has defaulted.
const defaultVNI = 4096

// network is what kube-proxy has to know of the pods' network.
type network struct {
	// name is that in Windows; empty if nobody knows it.
	name string
	// overlay tells that kube-proxy needs an address of its own in the node's subnet.
	overlay bool
	// sourceVIP is that address, as soon as there is one.
	sourceVIP netip.Addr
	// ready tells that nothing about the network itself is being waited for.
	ready bool
	// service is the one that makes the network, if it is one.
	service string
}

// buildNetwork sets up the network that pods are on.
func (b *builder) buildNetwork() network {
	b.checkNetwork()
	switch b.spec.Network.Provider {
	case v1alpha1.NetworkFlannel:
		return b.buildFlannel()
	case v1alpha1.NetworkCalico:
		return b.buildCalico()
	case v1alpha1.NetworkOVNKubernetes:
		return b.buildOVN()
	case v1alpha1.NetworkExternal:
		return b.buildExternal()
	}
	b.wrong(field.NotSupported(specPath("network", "provider"), b.spec.Network.Provider, []v1alpha1.NetworkProvider{
		v1alpha1.NetworkFlannel, v1alpha1.NetworkCalico, v1alpha1.NetworkOVNKubernetes, v1alpha1.NetworkExternal,
	}))
	return network{}
}

// checkNetwork refuses what Windows has no network for: it takes addresses of class E for invalid.
func (b *builder) checkNetwork() {
	classE := netip.MustParsePrefix("240.0.0.0/4")
	for _, prefix := range b.cluster.PodCIDRs {
		if classE.Overlaps(prefix) {
			b.wrong(field.Invalid(specPath("network", "provider"), b.spec.Network.Provider, fmt.Sprintf(
				"the cluster's pods have addresses in %s, which Windows does not route", prefix)))
		}
	}
}

func (b *builder) cniCluster() cni.Cluster {
	return cni.Cluster{
		PodCIDRs:     prefixes(b.cluster.PodCIDRs),
		ServiceCIDRs: prefixes(b.cluster.ServiceCIDRs),
		DNS:          texts(b.cluster.DNS),
		Domain:       b.cluster.Domain,
	}
}

// cniFile adds a network's configuration.
func (b *builder) cniFile(file cni.File, err error) {
	if err != nil {
		b.wrong(field.InternalError(specPath("network"), err))
		return
	}
	b.file(cniConfig.Join(file.Name), file.Content, state.FormatJSON)
}

func (b *builder) plugins(neededBy v1alpha1.NetworkProvider, paths ...string) {
	for _, path := range paths {
		b.program(path, "the network provider "+string(neededBy))
	}
}

func (b *builder) buildFlannel() network {
	spec := b.spec.Network.Flannel
	if spec == nil {
		spec = &v1alpha1.FlannelSpec{}
	}
	if spec.Backend == v1alpha1.FlannelHostGateway {
		b.plugins(v1alpha1.NetworkFlannel, flannelPlugin, winBridgePlugin, hostLocalPlugin)
		b.cniFile(cni.FlannelHostGateway(b.cniCluster(), b.nodeNetwork.String(), b.nodeIP.String()))
		b.ownNetworks(cni.FlannelHostGatewayNetwork)
		return network{name: cni.FlannelHostGatewayNetwork, ready: true}
	}
	vni := vni(spec.VNI)
	b.plugins(v1alpha1.NetworkFlannel, flannelPlugin, winOverlayPlugin, hostLocalPlugin)
	b.cniFile(cni.FlannelOverlay(b.cniCluster(), vni, b.nodeIP.String()))
	b.ownNetworks(cni.FlannelOverlayNetwork(vni))
	b.open("flannel", "UDP", "Lets nodes reach pods by VXLAN.", vxlanPort)
	return network{name: cni.FlannelOverlayNetwork(vni), overlay: true, sourceVIP: b.host.SourceVIP, ready: true}
}

func (b *builder) buildCalico() network {
	spec := b.spec.Network.Calico
	if spec == nil {
		spec = &v1alpha1.CalicoSpec{}
	}
	options := cni.CalicoOptions{NodeName: b.nodeName, Kubeconfig: calicoKubeconfig.String()}
	overlay := spec.Backend != v1alpha1.CalicoBGP
	if overlay {
		options.VNI = vni(spec.VNI)
		b.open("calico", "UDP", "Lets nodes reach pods by VXLAN.", vxlanPort)
	} else {
		b.open("calico", "TCP", "Lets nodes exchange routes by BGP.", bgpPort)
	}
	if spec.Installation == v1alpha1.CalicoConfigured {
		b.plugins(v1alpha1.NetworkCalico, calicoPlugin, calicoAddressPlugin)
		b.cniFile(cni.Calico(b.cniCluster(), options))
	} else {
		b.waitForFiles("Calico's own installation", cni.CalicoFiles())
	}
	b.ownNetworks(cni.CalicoNetwork, cni.CalicoSwitchNetwork)
	return network{name: cni.CalicoNetwork, overlay: overlay, sourceVIP: b.host.SourceVIP, ready: true}
}

func (b *builder) buildExternal() network {
	spec := b.spec.Network.External
	if spec == nil {
		spec = &v1alpha1.ExternalNetworkSpec{}
	}
	b.waitForFiles("the network's own installation", spec.Files)
	b.ownNetworks(spec.NetworkName)
	return network{name: spec.NetworkName, overlay: spec.Overlay, sourceVIP: b.host.SourceVIP, ready: true}
}

// waitForFiles says which files somebody else brings. Nothing of ours depends on them: containerd looks for them
// again and again, and the node is not Ready until it finds one.
func (b *builder) waitForFiles(who string, names []string) {
	if b.host.Ready {
		return
	}
	what := "a CNI configuration"
	if len(names) > 0 {
		what = strings.Join(names, " or ")
	}
	b.waiting = append(b.waiting, fmt.Sprintf("The node is Ready once %s has put %s in %s.", who, what, cniConfig))
}

func vni(configured int32) int32 {
	if configured == 0 {
		return defaultVNI
	}
	return configured
}
