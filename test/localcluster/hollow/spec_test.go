package hollow

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

func TestNodesShowTheirRelease(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		spec            NodeSpec
		osImage, kernel string
	}{
		"a known build has its product name and a plausible revision": {
			NodeSpec{Build: "10.0.26100"}, "Windows Server 2025 Datacenter", "10.0.26100.1742",
		},
		"a revision can be given": {
			NodeSpec{Build: "10.0.17763", Revision: 973}, "Windows Server 2019 Datacenter", "10.0.17763.973",
		},
		"a build of the future is shown too": {
			NodeSpec{Build: "10.0.29999"}, "Windows Server Datacenter", "10.0.29999.1",
		},
		"no build means Linux": {
			NodeSpec{}, "Debian GNU/Linux 13 (trixie)", "6.12.48+deb13-amd64",
		},
	}
	for sentence, c := range cases {
		t.Run(sentence, func(t *testing.T) {
			t.Parallel()
			info := c.spec.nodeInfo()
			if info.OSImage != c.osImage || info.KernelVersion != c.kernel {
				t.Errorf("got %q, %q, want %q, %q", info.OSImage, info.KernelVersion, c.osImage, c.kernel)
			}
		})
	}
}

func TestCapacityIsOverriddenResourceByResource(t *testing.T) {
	t.Parallel()
	spec := NodeSpec{Name: "n", Capacity: corev1.ResourceList{corev1.ResourcePods: resource.MustParse("250")}}
	node := spec.node("10.64.0.1", time.Now())
	if got := node.Status.Allocatable.Pods().Value(); got != 250 {
		t.Errorf("room for %d pods, want 250", got)
	}
	if got := node.Status.Allocatable.Cpu().Value(); got != 4 {
		t.Errorf("%d CPUs, want the default of 4", got)
	}
}

func TestOwnLabelsWin(t *testing.T) {
	t.Parallel()
	spec := NodeSpec{Name: "n", Build: "10.0.20348", Labels: map[string]string{corev1.LabelArchStable: "arm64", "pool": "a"}}
	labels := spec.labels()
	if labels[corev1.LabelArchStable] != "arm64" || labels["pool"] != "a" || labels[corev1.LabelWindowsBuild] != "10.0.20348" {
		t.Errorf("labels are %v", labels)
	}
}
