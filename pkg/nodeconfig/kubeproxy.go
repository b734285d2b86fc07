package nodeconfig

import (
	"fmt"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/kubeproxy"
)

// buildKubeProxy runs kube-proxy as soon as there is an identity for it, and a network.
func (b *builder) buildKubeProxy(pods network) {
	if b.spec.KubeProxy.Deployment == v1alpha1.KubeProxyNone {
		return
	}
	program := b.program(kubeProxyProgram, "spec.kubeProxy")
	if b.spec.Network.Provider == v1alpha1.NetworkExternal && pods.name == "" {
		b.wrong(field.Required(specPath("network", "external", "networkName"),
			"kube-proxy has to know the network's name in Windows; set it, or spec.kubeProxy.deployment to None"))
		return
	}
	options := kubeproxy.Options{
		Version:    b.version,
		Kubeconfig: kubeconfig.String(),
		NodeName:   b.nodeName,
		PodCIDRs:   prefixes(b.cluster.PodCIDRs),
		Network:    pods.name,
		Override:   b.spec.KubeProxy.Configuration,
		Field:      specPath("kubeProxy", "configuration"),
	}
	if pods.overlay && pods.sourceVIP.IsValid() {
		options.SourceVIP = pods.sourceVIP.String()
	}
	// The override is checked even while kube-proxy waits.
	config, problems := kubeproxy.Configuration(options)
	b.wrong(problems...)
	switch {
	case !b.host.Joined:
		b.waiting = append(b.waiting, "kube-proxy runs once the node has joined: it has the kubelet's identity.")
		return
	case !pods.ready:
		return // What the network waits for was said.
	case pods.overlay && !pods.sourceVIP.IsValid():
		b.waiting = append(b.waiting, fmt.Sprintf(
			"kube-proxy runs once an address of the node's subnet is set aside for it: the network %s is an overlay.", pods.name))
		return
	}
	b.file(kubeProxyConfig, config, state.FormatJSON)
	log := logFile(kubeProxyService)
	runner, arguments := b.logged(program, []string{
		"--config=" + kubeProxyConfig.String(), "--windows-service", fmt.Sprintf("--v=%d", verbosity(b.spec.Kubelet.Verbosity)),
	}, log)
	depends := kubeletService
	if pods.service != "" {
		depends = pods.service
	}
	b.service(state.Service{
		Name:        kubeProxyService,
		Description: "Lets pods of this Kubernetes node reach Services.",
		Program:     runner,
		Arguments:   arguments,
		DependsOn:   []string{depends},
		Log:         log,
	})
}
