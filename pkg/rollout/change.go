package rollout

import (
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostpolicy"
)

// Change is what hosts are brought to. It is the same for all that are brought to the same.
type Change struct {
	// NodeConfig is the WindowsNodeConfig, and Generation its generation.
	NodeConfig string
	Generation int64
	// Digest is that of the configuration with what it takes from the cluster, such as authorities, which change while
	// the generation does not. It is empty for a host of which it has not been found out yet.
	Digest string
}

// OfPolicy are those of the hosts that live under the policy, with what is wanted of them. The generations are those
// of the WindowsNodeConfigs by name.
func OfPolicy(policy *v1alpha1.WindowsBuildPolicy, hosts []v1alpha1.WindowsHost, generations map[string]int64) []Host {
	var members []Host
	for i := range hosts {
		if hosts[i].Status.Policy == policy.Name {
			members = append(members, member(policy, &hosts[i], generations))
		}
	}
	return members
}

// member is a host that lives under the policy.
func member(policy *v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, generations map[string]int64) Host {
	h := OfHost(host)
	if host.Status.Facts == nil {
		return h
	}
	config := hostpolicy.NodeConfig(policy, host, host.Status.Facts.Build)
	if generation, known := generations[config]; known {
		h.Wanted = Change{config, generation, toBeHad(&h, &host.Status)}
	}
	return h
}

// toBeHad is the digest of what a host is to have: what it is to be brought to, or what it has if that is as it should be,
// or what it was rolled back from.
func toBeHad(h *Host, status *v1alpha1.WindowsHostStatus) string {
	wanted := wantedDigest(status)
	switch {
	case wanted != "" || status.Applied == nil:
		return wanted
	case h.UpToDate:
		return status.Applied.Digest
	default:
		return status.Applied.RolledBackFrom
	}
}

// wantedDigest is the desired state to which the host is to be brought, or is being brought; empty where to none.
func wantedDigest(status *v1alpha1.WindowsHostStatus) string {
	switch {
	case status.Disruption != nil && status.Disruption.Digest != "":
		return status.Disruption.Digest
	case status.Claim != nil && status.Claim.Digest != "":
		return status.Claim.Digest
	case status.Plan != nil:
		return status.Plan.Digest
	default:
		return ""
	}
}
