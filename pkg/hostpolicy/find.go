package hostpolicy

import (
	"cmp"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Found is what a policy makes of a host.
type Found struct {
	// Policy is the one that the host lives under, and Rule is what it says of the host's build. Both point into
	// what Find was given.
	Policy *v1alpha1.WindowsBuildPolicy
	Rule   *v1alpha1.BuildRule
	// NodeConfig names the WindowsNodeConfig that the host is to have: its own, or the policy's for its build.
	NodeConfig string
	// Leave tells that the host is to be given back: its build is retired, or deprecated under a policy that
	// evacuates such builds.
	Leave bool
}

// None says why nothing is made of a host, which is then left as it is.
type None struct {
	// Reason is v1alpha1.ReasonNotYet while the build is not known; else ReasonNoPolicy, or ReasonNoNodeConfig where
	// the policy is there and says nothing of what the host is to run.
	Reason string
	// Message is a sentence, with what would change it.
	Message string
	// Keeps names a policy that is not valid just now, and keeps the host; empty where no policy does. Until it is valid
	// the host lives under the one that it was found to live under last.
	Keeps string
}

// Find is what the policies make of a host of a build, such as 10.0.20348. Either the None is nil, or the Found is
// empty. The policies may be in any order, and are not changed.
func Find(policies []v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, build string) (Found, *None) {
	if build == "" {
		return Found{}, buildUnknown()
	}
	var found Found
	var none *None
	if host.Spec.Policy != "" {
		found, none = named(policies, host, build)
	} else {
		found, none = first(policies, host, build)
	}
	if none != nil {
		return Found{}, none
	}
	if _, err := policy.Compile(found.Policy); err != nil {
		return Found{}, invalid(found.Policy.Name, err)
	}
	return found, nil
}

// named is what the policy makes of the host that the host itself names.
func named(policies []v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, build string) (Found, *None) {
	i := slices.IndexFunc(policies, func(p v1alpha1.WindowsBuildPolicy) bool { return p.Name == host.Spec.Policy })
	if i < 0 {
		return Found{}, policyMissing(host.Spec.Policy)
	}
	rule := ruleFor(&policies[i], build)
	if rule == nil {
		return Found{}, buildNotListed(host.Spec.Policy, build)
	}
	found := newFound(&policies[i], rule, host)
	if found.NodeConfig == "" {
		return Found{}, noNodeConfig([]string{host.Spec.Policy}, build)
	}
	return found, nil
}

// first is what the first of the policies makes of the host that has a configuration for its build. A configuration
// of the host's own takes the place of the policy's, and decides between policies only where none has any.
func first(policies []v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, build string) (Found, *None) {
	var listing []string
	var configured, listed *v1alpha1.WindowsBuildPolicy
	for i := range policies {
		p := &policies[i]
		rule := ruleFor(p, build)
		if rule == nil {
			continue
		}
		listing = append(listing, p.Name)
		listed = preferred(listed, p)
		if rule.NodeConfigRef != nil {
			configured = preferred(configured, p)
		}
	}
	switch {
	case configured != nil:
		return newFound(configured, ruleFor(configured, build), host), nil
	case listed == nil:
		return Found{}, noPolicy(build)
	case host.Spec.NodeConfigRef != nil:
		return newFound(listed, ruleFor(listed, build), host), nil
	default:
		slices.Sort(listing)
		return Found{}, noNodeConfig(listing, build)
	}
}

func newFound(p *v1alpha1.WindowsBuildPolicy, rule *v1alpha1.BuildRule, host *v1alpha1.WindowsHost) Found {
	found := Found{Policy: p, Rule: rule, Leave: leaves(p, rule)}
	switch {
	case host.Spec.NodeConfigRef != nil:
		found.NodeConfig = host.Spec.NodeConfigRef.Name
	case rule.NodeConfigRef != nil:
		found.NodeConfig = rule.NodeConfigRef.Name
	}
	return found
}

// leaves tells whether hosts of the build are to be given back.
func leaves(p *v1alpha1.WindowsBuildPolicy, rule *v1alpha1.BuildRule) bool {
	return rule.State == v1alpha1.BuildRetired ||
		rule.State == v1alpha1.BuildDeprecated && p.Spec.Rollout.Deprecated == v1alpha1.DeprecatedEvacuate
}

func ruleFor(p *v1alpha1.WindowsBuildPolicy, build string) *v1alpha1.BuildRule {
	for i := range p.Spec.Builds {
		if p.Spec.Builds[i].Build == build {
			return &p.Spec.Builds[i]
		}
	}
	return nil
}

// Lists tells whether a policy says anything of a build.
func Lists(p *v1alpha1.WindowsBuildPolicy, build string) bool { return ruleFor(p, build) != nil }

// preferred is the one of two policies that comes first, as policy.Policies orders them; best may be nil.
func preferred(best, other *v1alpha1.WindowsBuildPolicy) *v1alpha1.WindowsBuildPolicy {
	if best == nil || cmp.Or(cmp.Compare(best.Spec.Priority, other.Spec.Priority), cmp.Compare(other.Name, best.Name)) < 0 {
		return other
	}
	return best
}

// NodeConfig names the WindowsNodeConfig that a host of a build is to have under a policy that is known to be its own;
// empty where it is to have none.
func NodeConfig(p *v1alpha1.WindowsBuildPolicy, host *v1alpha1.WindowsHost, build string) string {
	rule := ruleFor(p, build)
	if rule == nil {
		return ""
	}
	return newFound(p, rule, host).NodeConfig
}
