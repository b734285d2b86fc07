package rollout

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func TestOfPolicyAddsWhatThePolicyWants(t *testing.T) {
	p := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "general"}}
	p.Spec.Builds = []v1alpha1.BuildRule{{Build: build2022, NodeConfigRef: &v1alpha1.NodeConfigReference{Name: "general"}}, {Build: "10.0.26100"}}
	has := func(digest, rolledBackFrom string) func(*v1alpha1.WindowsHost) {
		return func(h *v1alpha1.WindowsHost) {
			h.Status.Applied = &v1alpha1.AppliedConfiguration{NodeConfig: "general", Digest: digest, RolledBackFrom: rolledBackFrom}
		}
	}
	upToDate := func(h *v1alpha1.WindowsHost) {
		h.Status.Conditions = append(h.Status.Conditions, metav1.Condition{Type: v1alpha1.HostConditionUpToDate, Status: metav1.ConditionTrue})
	}
	hosts := []v1alpha1.WindowsHost{
		*windowsHost("new"),
		*windowsHost("up-to-date", has("new", ""), upToDate),
		*windowsHost("waiting", has("old", ""), func(h *v1alpha1.WindowsHost) { h.Status.Claim = &v1alpha1.HostClaim{Digest: "new"} }),
		*windowsHost("changing", has("old", ""), func(h *v1alpha1.WindowsHost) { h.Status.Disruption = &v1alpha1.HostDisruption{Digest: "new"} }),
		*windowsHost("outdated", has("old", ""), func(h *v1alpha1.WindowsHost) { h.Status.Plan = &v1alpha1.HostPlan{Digest: "new"} }),
		*windowsHost("rolled-back", has("old", "new")),
		*windowsHost("of-another-policy", func(h *v1alpha1.WindowsHost) { h.Status.Policy = "other" }),
		*windowsHost("own", func(h *v1alpha1.WindowsHost) { h.Spec.NodeConfigRef = &v1alpha1.NodeConfigReference{Name: "trial"} }),
		*windowsHost("left-alone", func(h *v1alpha1.WindowsHost) { h.Status.Facts.Build = "10.0.26100" }),
		*windowsHost("of-another-build", func(h *v1alpha1.WindowsHost) { h.Status.Facts.Build = "10.0.17763" }),
		*windowsHost("unknown", func(h *v1alpha1.WindowsHost) { h.Status.Facts = nil }),
		*windowsHost("of-a-config-that-is-gone", func(h *v1alpha1.WindowsHost) { h.Spec.NodeConfigRef = &v1alpha1.NodeConfigReference{Name: "gone"} }),
	}
	got := map[string]Change{}
	for _, h := range OfPolicy(p, hosts, map[string]int64{"general": 2, "trial": 5}) {
		got[h.Key.Name] = h.Wanted
	}
	want := map[string]Change{
		"new": {"general", 2, ""}, "up-to-date": wanted, "waiting": wanted, "changing": wanted, "outdated": wanted, "rolled-back": wanted,
		"own": {"trial", 5, ""}, "left-alone": {}, "of-another-build": {}, "unknown": {}, "of-a-config-that-is-gone": {},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
