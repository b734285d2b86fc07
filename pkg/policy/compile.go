package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Policy is a WindowsBuildPolicy, checked and compiled. It is immutable.
type Policy struct {
	Name     string
	Mode     v1alpha1.Mode
	Priority int32
	// Builds are the builds that the policy offers, in its order of preference.
	Builds []PolicyBuild
	// Compatibility is the built-in table with the policy's overrides.
	Compatibility Compatibility

	namespaces        labels.Selector
	objects           labels.Selector
	whenNoReadyNode   v1alpha1.NoReadyNodeAction
	deriveTolerations bool
	tolerations       []corev1.Toleration
	images            imageRules
	inferWindows      bool
	pinLinux          bool
	mutateDaemonSets  bool
	anchors           []anchor
}

// PolicyBuild is one build that a policy offers.
type PolicyBuild struct {
	Build        Build
	State        v1alpha1.BuildState
	Isolation    v1alpha1.Isolation
	RuntimeClass string
	Handler      string
	// ScaleFromZero tells that nodes of the build are made on demand, and tolerations are what the pods need
	// on them.
	ScaleFromZero bool
	tolerations   []corev1.Toleration
	label         string
	exactRevision bool
}

// Compile checks and compiles one policy. The error names every field that is wrong. A policy that the API
// server admitted has few left to find: label syntax in selectors, and what an older schema let through.
func Compile(p *v1alpha1.WindowsBuildPolicy) (*Policy, error) {
	spec := &p.Spec
	compiled := &Policy{
		Name:              p.Name,
		Mode:              cmp.Or(spec.Mode, v1alpha1.ModeEnforce),
		Priority:          spec.Priority,
		whenNoReadyNode:   cmp.Or(spec.WhenNoReadyNode, v1alpha1.NoReadyNodeAdmit),
		deriveTolerations: spec.Tolerations.Source != v1alpha1.TolerationsExplicit,
		tolerations:       spec.Tolerations.Items,
		images:            compileImages(&spec.Images),
		inferWindows:      spec.Inference.WindowsPods == v1alpha1.WindowsInferenceInfer,
		pinLinux:          spec.Inference.LinuxPods == v1alpha1.LinuxInferencePin,
		mutateDaemonSets:  spec.DaemonSets.Templates == v1alpha1.DaemonSetTemplateMutate,
	}
	var errs []error
	var err error
	if compiled.namespaces, err = compileSelector(spec.NamespaceSelector); err != nil {
		errs = append(errs, fmt.Errorf("spec.namespaceSelector: %w", err))
	}
	if compiled.objects, err = compileSelector(spec.ObjectSelector); err != nil {
		errs = append(errs, fmt.Errorf("spec.objectSelector: %w", err))
	}
	if compiled.Compatibility, err = NewCompatibility(spec.Compatibility); err != nil {
		errs = append(errs, fmt.Errorf("spec.compatibility: %w", err))
	}
	if compiled.Builds, err = compileBuilds(spec.Builds); err != nil {
		errs = append(errs, err)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	compiled.anchors = anchorsOf(compiled.namespaces)
	return compiled, nil
}

// compileSelector is a selector in which, as in admission, none selects everything.
func compileSelector(selector *metav1.LabelSelector) (labels.Selector, error) {
	if selector == nil {
		return labels.Everything(), nil
	}
	return metav1.LabelSelectorAsSelector(selector)
}

func compileBuilds(rules []v1alpha1.BuildRule) ([]PolicyBuild, error) {
	if len(rules) == 0 {
		return nil, errors.New("spec.builds: a policy needs at least one build")
	}
	if len(rules) > maxBuilds {
		return nil, fmt.Errorf("spec.builds: %d builds, and a policy can have %d", len(rules), maxBuilds)
	}
	builds := make([]PolicyBuild, 0, len(rules))
	for i := range rules {
		build, err := compileBuild(&rules[i])
		if err != nil {
			return nil, fmt.Errorf("spec.builds[%d].build: %w", i, err)
		}
		if indexOfBuild(builds, build.Build) >= 0 {
			return nil, fmt.Errorf("spec.builds[%d].build: %s is listed twice", i, build.Build)
		}
		builds = append(builds, build)
	}
	return builds, nil
}

func indexOfBuild(builds []PolicyBuild, build Build) int {
	return slices.IndexFunc(builds, func(b PolicyBuild) bool { return b.Build == build })
}

func compileBuild(rule *v1alpha1.BuildRule) (PolicyBuild, error) {
	build, err := ParseBuild(rule.Build)
	if err != nil {
		return PolicyBuild{}, err
	}
	isolation := cmp.Or(rule.Isolation, v1alpha1.IsolationProcess)
	compiled := PolicyBuild{
		Build:         build,
		State:         cmp.Or(rule.State, v1alpha1.BuildActive),
		Isolation:     isolation,
		RuntimeClass:  cmp.Or(rule.RuntimeClass.Name, defaultClassName(build, isolation)),
		Handler:       cmp.Or(rule.RuntimeClass.Handler, defaultHandler(isolation)),
		ScaleFromZero: rule.ScaleFromZero != nil,
		label:         build.String(),
	}
	if release, known := LookupRelease(build); known {
		compiled.exactRevision = release.ExactRevision
	}
	if rule.ScaleFromZero != nil {
		compiled.tolerations = rule.ScaleFromZero.Tolerations
	}
	return compiled, nil
}
