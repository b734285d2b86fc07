// Package kubeproxy renders kube-proxy's configuration for Windows, where it programs the Host Compute Network.
package kubeproxy

import (
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/apimachinery/pkg/util/version"
	kubeproxyv1alpha1 "k8s.io/kube-proxy/config/v1alpha1"

	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/override"
)

// Options are what a KubeProxyConfiguration depends on.
type Options struct {
	Version    *version.Version
	Kubeconfig string
	NodeName   string
	PodCIDRs   []string
	// Network is the name of the pods' network in Windows.
	Network string
	// SourceVIP is an address of the node's subnet that no pod has. Overlays need one, other networks have none.
	SourceVIP string
	// Override is merged into the result; Field is its path in the object it comes from.
	Override *runtime.RawExtension
	Field    *field.Path
}

// Configuration renders the KubeProxyConfiguration, as JSON, which kube-proxy reads as YAML.
//
// Direct server return is on: without it, Windows Server 2019 loses packets between pods and Services.
func Configuration(o Options) ([]byte, field.ErrorList) {
	winkernel := map[string]any{"enableDSR": true, "networkName": o.Network}
	if o.SourceVIP != "" {
		winkernel["sourceVip"] = o.SourceVIP
	}
	base := map[string]any{
		"apiVersion":          kubeproxyv1alpha1.SchemeGroupVersion.String(),
		"kind":                "KubeProxyConfiguration",
		"clientConnection":    map[string]any{"kubeconfig": o.Kubeconfig},
		"clusterCIDR":         strings.Join(o.PodCIDRs, ","),
		"hostnameOverride":    o.NodeName,
		"mode":                "kernelspace",
		"windowsRunAsService": true,
		"winkernel":           winkernel,
	}
	if gates := featureGates(o.Version); len(gates) > 0 {
		base["featureGates"] = gates
	}
	merged, problems := override.Apply(base, o.Override, fixed(), o.Field)
	if problems != nil {
		return nil, problems
	}
	rendered, err := document.JSON(merged)
	if err != nil {
		return nil, field.ErrorList{field.InternalError(o.Field, err)}
	}
	var typed kubeproxyv1alpha1.KubeProxyConfiguration
	return rendered, override.Strict(rendered, &typed, o.Field)
}

// featureGates are those that have to be opened for what is always on here. A gate is left alone once it is open by
// itself: the name of one that is gone stops kube-proxy. The versions are from
// https://github.com/kubernetes/kubernetes/blob/master/pkg/features/kube_features.go.
func featureGates(of *version.Version) map[string]any {
	gates := map[string]any{}
	for gate, openSince := range map[string]string{"WinDSR": "1.33.0", "WinOverlay": "1.20.0"} {
		if of.LessThan(version.MustParseGeneric(openSince)) {
			gates[gate] = true
		}
	}
	return gates
}

// fixed are the fields that an override must not touch.
func fixed() []override.Rule {
	return []override.Rule{
		{Path: []string{"apiVersion"}, Reason: "the kind of the file is not a matter of configuration"},
		{Path: []string{"kind"}, Reason: "the kind of the file is not a matter of configuration"},
		{Path: []string{"mode"}, Reason: "Windows has no other than kernelspace"},
		{Path: []string{"clientConnection", "kubeconfig"}, Reason: "it has the kubelet's identity"},
		{Path: []string{"hostnameOverride"}, Reason: "it is the node's name"},
		{Path: []string{"windowsRunAsService"}, Reason: "kube-proxy is a Windows service"},
		{Path: []string{"winkernel", "networkName"}, Reason: "use spec.network"},
		{Path: []string{"winkernel", "sourceVip"}, Reason: "it is taken from the node's subnet"},
	}
}
