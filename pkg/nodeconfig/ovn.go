package nodeconfig

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/cni"
)

// buildOVN sets up the hybrid overlay of OVN-Kubernetes. Its service makes the network in Windows, with an identity
// that it gets for the kubelet's; OVN-Kubernetes then gives the node a subnet.
func (b *builder) buildOVN() network {
	port := uint16(vxlanPort)
	if spec := b.spec.Network.OVNKubernetes; spec != nil && spec.VXLANPort != 0 {
		if spec.VXLANPort < 1 || spec.VXLANPort > 65535 {
			b.wrong(field.Invalid(specPath("network", "ovnKubernetes", "vxlanPort"), spec.VXLANPort, "is no port"))
			return network{}
		}
		port = uint16(spec.VXLANPort)
	}
	b.plugins(b.spec.Network.Provider, winOverlayPlugin, hostLocalPlugin)
	b.ownNetworks(cni.OVNNetwork, cni.OVNBaseNetwork)
	b.open(hybridOverlayService, "UDP", "Lets nodes reach pods by VXLAN.", port)
	program := b.program(hybridOverlayProgram, "the network provider OVNKubernetes")
	made := network{name: cni.OVNNetwork, overlay: true, service: hybridOverlayService}
	if !b.host.Joined {
		b.waiting = append(b.waiting, "The hybrid overlay runs once the node has joined: it needs the kubelet's identity.")
		return made
	}
	b.file(serverAuthority, b.cluster.Authority, state.FormatText)
	log := logFile(hybridOverlayService)
	b.desired.Directories = append(b.desired.Directories,
		state.Directory{Path: hybridCertDir, Access: state.AccessAdministrators, Purge: true})
	b.service(state.Service{
		Name:        hybridOverlayService,
		Description: "Network of this Kubernetes node: hybrid overlay of OVN-Kubernetes.",
		Program:     program,
		Arguments: []string{
			"--node", b.nodeName,
			"--bootstrap-kubeconfig=" + kubeconfig.String(),
			"--cert-dir=" + hybridCertDir.String(),
			"--cert-duration=24h",
			"--windows-service",
			"--k8s-apiserver=" + b.cluster.Server,
			"--k8s-cacert=" + serverAuthority.String(),
			"--hybrid-overlay-vxlan-port=" + strconv.Itoa(int(port)),
			"--logfile=" + log.String(),
			"--logfile-maxsize=" + strconv.FormatInt(b.maxLogMegabytes(), 10),
			"--logfile-maxage=" + strconv.FormatInt(days(b.maxLogAge()), 10),
		},
		DependsOn: []string{kubeletService},
		Log:       log,
	})
	b.buildOVNSubnet(&made)
	return made
}

func (b *builder) buildOVNSubnet(made *network) {
	if strings.TrimSpace(b.host.OVNSubnet) == "" {
		b.waiting = append(b.waiting, fmt.Sprintf(
			"Pods have a network once OVN-Kubernetes has given the node %s a subnet, in its annotation %s.", b.nodeName, cni.OVNSubnetAnnotation))
		return
	}
	subnet, err := cni.ParseOVNSubnet(strings.TrimSpace(b.host.OVNSubnet))
	if err != nil {
		b.wrong(field.Invalid(specPath("network", "provider"), b.spec.Network.Provider, err.Error()))
		return
	}
	b.cniFile(cni.OVN(b.cniCluster(), subnet, b.nodeIP.String()))
	made.sourceVIP, made.ready = subnet.SourceVIP, true
}

// days rounds up: a log that is kept too long is the smaller evil.
func days(age time.Duration) int64 {
	const day = 24 * time.Hour
	return int64((age + day - 1) / day)
}
