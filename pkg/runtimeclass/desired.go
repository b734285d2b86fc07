package runtimeclass

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Class is a RuntimeClass that policies need.
type Class struct {
	Name    string
	Build   policy.Build
	Handler string
	// Tolerations are those that every policy which needs the class grants.
	Tolerations []corev1.Toleration
	// Policies are the names of the policies that need the class, sorted.
	Policies []string
	// Conflict says on what these policies disagree; empty where they agree. A class that they disagree on
	// is left as it is.
	Conflict string
}

// Plan is the RuntimeClasses that a cluster should have. It is immutable.
type Plan struct {
	classes  map[string]*Class
	complete bool
}

// Desired plans one RuntimeClass per build of every policy, whatever the build's state, since a retired
// build still has pods. Policies that name the same class share it. Neither the order of policies nor that
// of nodes matters.
func Desired(policies []v1alpha1.WindowsBuildPolicy, fleet *policy.Fleet) *Plan {
	plan := &Plan{classes: map[string]*Class{}, complete: true}
	sorted := slices.Clone(policies)
	slices.SortFunc(sorted, func(a, b v1alpha1.WindowsBuildPolicy) int { return cmp.Compare(a.Name, b.Name) })
	for i := range sorted {
		compiled, err := policy.Compile(&sorted[i])
		if err != nil {
			plan.complete = false
			continue
		}
		for k := range compiled.Builds {
			plan.add(compiled.Name, &compiled.Builds[k], tolerations(&sorted[i].Spec, &compiled.Builds[k], fleet))
		}
	}
	return plan
}

// add merges what one policy needs into the plan.
func (p *Plan) add(name string, build *policy.PolicyBuild, granted []corev1.Toleration) {
	class, shared := p.classes[build.RuntimeClass]
	if !shared {
		p.classes[build.RuntimeClass] = &Class{
			Name:        build.RuntimeClass,
			Build:       build.Build,
			Handler:     build.Handler,
			Tolerations: granted,
			Policies:    []string{name},
		}
		return
	}
	switch {
	case class.Conflict != "":
	case class.Build != build.Build:
		class.Conflict = fmt.Sprintf("policy %q wants it for build %s, policy %q for %s",
			class.Policies[0], class.Build, name, build.Build)
	case class.Handler != build.Handler:
		class.Conflict = fmt.Sprintf("policy %q wants the handler %s, policy %q %s",
			class.Policies[0], class.Handler, name, build.Handler)
	}
	class.Tolerations = common(class.Tolerations, granted)
	if !slices.Contains(class.Policies, name) {
		class.Policies = append(class.Policies, name)
	}
}

// Class returns the planned class of a name, and whether there is one.
func (p *Plan) Class(name string) (*Class, bool) {
	class, ok := p.classes[name]
	return class, ok
}

// Names are the names of the planned classes, sorted.
func (p *Plan) Names() []string { return slices.Sorted(maps.Keys(p.classes)) }

// Complete tells that every policy could be read. Where one could not, a class that is not planned may be
// needed all the same.
func (p *Plan) Complete() bool { return p.complete }

// NodeSelector selects the nodes of the class's build.
func (c *Class) NodeSelector() map[string]string {
	return map[string]string{
		corev1.LabelOSStable:     string(corev1.Windows),
		corev1.LabelWindowsBuild: c.Build.String(),
	}
}
