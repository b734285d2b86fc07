package policy

// Snapshot is everything about a cluster that is the same for every request. It is immutable: a change makes
// a new one that shares the parts that did not change. The zero value has no policy, so it touches nothing.
type Snapshot struct {
	policies       *Policies
	fleet          *Fleet
	runtimeClasses map[string]RuntimeClass
}

// NewSnapshot joins compiled parts. A nil part is an empty one.
func NewSnapshot(policies *Policies, fleet *Fleet, classes []RuntimeClass) *Snapshot {
	if policies == nil {
		policies = NewPolicies(nil)
	}
	if fleet == nil {
		fleet = CompileFleet(nil)
	}
	byName := make(map[string]RuntimeClass, len(classes))
	for _, class := range classes {
		byName[class.Name] = class
	}
	return &Snapshot{policies: policies, fleet: fleet, runtimeClasses: byName}
}

// Policies is the snapshot's set of policies.
func (s *Snapshot) Policies() *Policies { return s.policies }

// Fleet is the snapshot's nodes.
func (s *Snapshot) Fleet() *Fleet { return s.fleet }
