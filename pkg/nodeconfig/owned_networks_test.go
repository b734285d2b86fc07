package nodeconfig_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestTheNetworksOfAProviderAreOurs(t *testing.T) {
	external := func(name string) v1alpha1.NodeNetwork {
		return v1alpha1.NodeNetwork{
			Provider: v1alpha1.NetworkExternal,
			External: &v1alpha1.ExternalNetworkSpec{NetworkName: name, Files: []string{"10-x.conf"}},
		}
	}
	tests := map[string]struct {
		network v1alpha1.NodeNetwork
		want    []string
	}{
		"Flannel's has its VNI in its name": {
			v1alpha1.NodeNetwork{Provider: v1alpha1.NetworkFlannel, Flannel: &v1alpha1.FlannelSpec{VNI: 4097}},
			[]string{"flannel.4097"},
		},
		"Flannel's without an overlay is that of its CNI configuration": {
			v1alpha1.NodeNetwork{
				Provider: v1alpha1.NetworkFlannel, Flannel: &v1alpha1.FlannelSpec{Backend: v1alpha1.FlannelHostGateway},
			},
			[]string{"cbr0"},
		},
		"Calico makes one for the switch as well": {
			v1alpha1.NodeNetwork{Provider: v1alpha1.NetworkCalico}, []string{"Calico", "External"},
		},
		"the hybrid overlay makes one that stays over a boot as well": {
			v1alpha1.NodeNetwork{Provider: v1alpha1.NetworkOVNKubernetes},
			[]string{"BaseOVNKubernetesHybridOverlayNetwork", "OVNKubernetesHybridOverlayNetwork"},
		},
		"an external one is ours by its name":          {external("azure"), []string{"azure"}},
		"that of Windows itself is nobody's":           {external("nat"), nil},
		"what nobody has told the name of is not ours": {external(""), nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := config(t, "minimal")
			c.Spec.Network = tt.network
			c.Spec.KubeProxy.Deployment = v1alpha1.KubeProxyNone // It would have to know the name.
			var got []string
			for _, network := range desired(t, c, joined()).State.Networks {
				got = append(got, network.Name)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
