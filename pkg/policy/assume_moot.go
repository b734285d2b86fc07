package policy

import (
	"fmt"
	"slices"
)

// Moot tells in sentences, without a full stop, what of an assumption changes nothing, because there is nothing of what it
// is about: most likely a slip of the pen, whose answer sounds like good news. There is no policy that lists a build whose
// state is assumed, or no node of one that is upgraded.
func (s *Snapshot) Moot(a *Assumption) []string {
	var moot []string
	policies := s.policies.All()
	if a.Policy != nil {
		policies = []*Policy{a.Policy}
	}
	for build := range a.States {
		listed := slices.ContainsFunc(policies, func(p *Policy) bool { return indexOfBuild(p.Builds, build) >= 0 })
		if !listed {
			moot = append(moot, fmt.Sprintf("no policy lists %s: to suppose a state of it changes nothing", build))
		}
	}
	for from := range a.Upgrades {
		if _, there := s.fleet.builds[from]; !there {
			moot = append(moot, fmt.Sprintf("no node has %s: to suppose that it is upgraded changes nothing", from))
		}
	}
	slices.Sort(moot)
	return moot
}
