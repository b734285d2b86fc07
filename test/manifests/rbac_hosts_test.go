package manifests_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/test/manifests"
)

// The list is the review, as for the others: it is what looking after hosts takes besides what the default installation
// permits.
func TestWhatLookingAfterHostsTakes(t *testing.T) {
	permitted := func(overlay string) []string {
		objects, err := manifests.Build(overlay)
		if err != nil {
			t.Fatal(err)
		}
		return rights(t, objects, "mullion-nodemanager")
	}
	before := permitted(defaultOverlay)
	got := slices.DeleteFunc(permitted("manifests/overlays/hosts"), func(right string) bool { return slices.Contains(before, right) })
	want := []string{
		"cluster: approve signers named kubernetes.io/kube-apiserver-client-kubelet,kubernetes.io/kubelet-serving",
		"cluster: create pods/eviction",
		"cluster: get configmaps named cluster-info,kubeadm-config,kube-root-ca.crt,extension-apiserver-authentication,user-ca-bundle",
		"cluster: get namespaces",
		"cluster: get networks,proxies,infrastructures named cluster",
		"cluster: get services named kubernetes,kube-dns,dns-default",
		"cluster: get,list,create,delete controllerrevisions",
		"cluster: get,list,watch certificatesigningrequests",
		"cluster: get,list,watch windowsnodeconfigs",
		"cluster: get,list,watch,create,patch,delete windowshosts",
		"cluster: get,list,watch,patch,delete nodes",
		"cluster: list endpointslices",
		"cluster: list poddisruptionbudgets",
		"cluster: list servicecidrs",
		"cluster: list,watch secrets named cloud-private-key",
		"cluster: patch windowshosts/status,windowsnodeconfigs/status",
		"cluster: update certificatesigningrequests/approval",
		"kube-system: list services",
		"kube-system: list,create,delete secrets",
		"mullion-system: create services",
		"mullion-system: get,list,watch configmaps named windows-instances,windows-instances-known-hosts",
		"mullion-system: get,list,watch,patch services named windows-exporter",
		"mullion-system: list,watch,create,patch,delete endpointslices",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
}
