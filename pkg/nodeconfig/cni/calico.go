package cni

import "github.com/mullion-dev/mullion/pkg/nodeconfig/document"

// CalicoNetwork is the name that Calico gives the network in Windows.
const CalicoNetwork = "Calico"

// CalicoSwitchNetwork is the name of the network that Calico makes first, so that there is a virtual switch. See
// https://github.com/projectcalico/calico/blob/master/node/windows-packaging/CalicoWindows/node/node-service.ps1.
const CalicoSwitchNetwork = "External"

// CalicoFiles are the names under which Calico's operator and manifests bring their configuration.
func CalicoFiles() []string { return []string{"10-calico.conf", "10-calico.conflist"} }

// CalicoOptions are what Calico's configuration depends on.
type CalicoOptions struct {
	NodeName string
	// Kubeconfig is the path at which calico-node keeps the plugin's own.
	Kubeconfig string
	// VNI is the VXLAN network identifier; 0 routes with BGP.
	VNI int32
}

// Calico renders the configuration for Calico's plugin, which is documented with its manifests for Windows,
// https://github.com/projectcalico/calico/tree/master/node/windows-packaging. Its policies are still those of HNS
// version 1, which the plugin translates.
func Calico(c Cluster, o CalicoOptions) (File, error) {
	route, mode := "SDNROUTE", "vxlan"
	if o.VNI == 0 {
		route, mode = "ROUTE", "windows-bgp"
	}
	policies := []any{map[string]any{
		"Name":  "EndpointPolicy",
		"Value": map[string]any{"Type": "OutBoundNAT", "ExceptionList": document.Strings(c.ServiceCIDRs)},
	}}
	for _, services := range c.ServiceCIDRs {
		policies = append(policies, map[string]any{
			"Name":  "EndpointPolicy",
			"Value": map[string]any{"Type": route, "DestinationPrefix": services, "NeedEncap": true},
		})
	}
	plugin := map[string]any{
		"type":                       "calico",
		"mode":                       mode,
		"windows_use_single_network": true,
		"windows_loopback_DSR":       "1",
		"nodename":                   o.NodeName,
		"nodename_file_optional":     true,
		"datastore_type":             "kubernetes",
		"kubernetes":                 map[string]any{"kubeconfig": o.Kubeconfig},
		"policy":                     map[string]any{"type": "k8s"},
		"ipam":                       map[string]any{"type": "calico-ipam", "subnet": "usePodCidr"},
		"capabilities":               map[string]any{"dns": true},
		"DNS":                        map[string]any{"Nameservers": document.Strings(c.DNS), "Search": []any{"svc." + c.Domain}},
		"log_level":                  "info",
		"policies":                   policies,
	}
	if o.VNI != 0 {
		plugin["vxlan_mac_prefix"] = "0E-2A"
		plugin["vxlan_vni"] = o.VNI
	}
	content, err := document.JSON(map[string]any{
		"cniVersion": "0.3.1",
		"name":       CalicoNetwork,
		"plugins":    []any{plugin},
	})
	return File{Name: "10-calico.conflist", Content: content}, err
}
