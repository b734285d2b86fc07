package lint

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// choice is a field of a policy that has one of a few values, or none.
type choice struct {
	field, value string
	allowed      []string
}

// checkChoices refuses the values that the API server would refuse by the schema, which a file has not passed: to the
// decision, a state that it does not know is no state at all.
func checkChoices(spec *v1alpha1.WindowsBuildPolicySpec) error {
	findings := words(v1alpha1.ImageFindingAllow, v1alpha1.ImageFindingWarn, v1alpha1.ImageFindingDeny)
	choices := []choice{
		{"spec.mode", string(spec.Mode), words(v1alpha1.ModeEnforce, v1alpha1.ModeWarn, v1alpha1.ModeAudit)},
		{"spec.whenNoReadyNode", string(spec.WhenNoReadyNode), words(v1alpha1.NoReadyNodeAdmit, v1alpha1.NoReadyNodeDeny)},
		{"spec.tolerations.source", string(spec.Tolerations.Source), words(v1alpha1.TolerationsFromNodes, v1alpha1.TolerationsExplicit)},
		{"spec.images.whenUnresolved", string(spec.Images.WhenUnresolved), words(v1alpha1.UnresolvedAdmit, v1alpha1.UnresolvedDeny)},
		{"spec.images.whenVersionUnknown", string(spec.Images.WhenVersionUnknown), findings},
		{"spec.images.floatingReferences", string(spec.Images.FloatingReferences), findings},
		{"spec.inference.windowsPods", string(spec.Inference.WindowsPods), words(v1alpha1.WindowsInferenceIgnore, v1alpha1.WindowsInferenceInfer)},
		{"spec.inference.linuxPods", string(spec.Inference.LinuxPods), words(v1alpha1.LinuxInferenceIgnore, v1alpha1.LinuxInferencePin)},
		{"spec.daemonSets.templates", string(spec.DaemonSets.Templates), words(v1alpha1.DaemonSetTemplateWarn, v1alpha1.DaemonSetTemplateMutate)},
	}
	for i, build := range spec.Builds {
		choices = append(choices,
			choice{fmt.Sprintf("spec.builds[%d].state", i), string(build.State), words(v1alpha1.BuildActive, v1alpha1.BuildPreview, v1alpha1.BuildDeprecated, v1alpha1.BuildRetired)},
			choice{fmt.Sprintf("spec.builds[%d].isolation", i), string(build.Isolation), words(v1alpha1.IsolationProcess, v1alpha1.IsolationHyperV)},
		)
	}
	var errs []error
	for _, c := range choices {
		if c.value != "" && !slices.Contains(c.allowed, c.value) {
			errs = append(errs, fmt.Errorf("%s: %q is none of %s", c.field, c.value, strings.Join(c.allowed, ", ")))
		}
	}
	return errors.Join(errs...)
}

func words[T ~string](values ...T) []string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return texts
}
