package assumption

import (
	"slices"

	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// checkPolicy refuses words that a policy cannot have. In a policy that is stored the API server refuses them, by
// the schema of the CRD.
func checkPolicy(spec *v1alpha1.WindowsBuildPolicySpec, path *field.Path) field.ErrorList {
	images := path.Child("images")
	findings := []v1alpha1.ImageFinding{v1alpha1.ImageFindingAllow, v1alpha1.ImageFindingWarn, v1alpha1.ImageFindingDeny}
	errs := slices.Concat(
		oneOf(path.Child("mode"), spec.Mode, []v1alpha1.Mode{v1alpha1.ModeEnforce, v1alpha1.ModeWarn, v1alpha1.ModeAudit}),
		oneOf(path.Child("whenNoReadyNode"), spec.WhenNoReadyNode,
			[]v1alpha1.NoReadyNodeAction{v1alpha1.NoReadyNodeAdmit, v1alpha1.NoReadyNodeDeny}),
		oneOf(path.Child("tolerations", "source"), spec.Tolerations.Source,
			[]v1alpha1.TolerationSource{v1alpha1.TolerationsFromNodes, v1alpha1.TolerationsExplicit}),
		oneOf(path.Child("inference", "windowsPods"), spec.Inference.WindowsPods,
			[]v1alpha1.WindowsInference{v1alpha1.WindowsInferenceIgnore, v1alpha1.WindowsInferenceInfer}),
		oneOf(path.Child("inference", "linuxPods"), spec.Inference.LinuxPods,
			[]v1alpha1.LinuxInference{v1alpha1.LinuxInferenceIgnore, v1alpha1.LinuxInferencePin}),
		oneOf(path.Child("daemonSets", "templates"), spec.DaemonSets.Templates,
			[]v1alpha1.DaemonSetTemplateAction{v1alpha1.DaemonSetTemplateWarn, v1alpha1.DaemonSetTemplateMutate}),
		oneOf(images.Child("whenUnresolved"), spec.Images.WhenUnresolved,
			[]v1alpha1.UnresolvedAction{v1alpha1.UnresolvedAdmit, v1alpha1.UnresolvedDeny}),
		oneOf(images.Child("whenVersionUnknown"), spec.Images.WhenVersionUnknown, findings),
		oneOf(images.Child("floatingReferences"), spec.Images.FloatingReferences, findings),
	)
	for i := range spec.Builds {
		errs = append(errs, checkRule(&spec.Builds[i], path.Child("builds").Index(i))...)
	}
	return errs
}

func checkRule(rule *v1alpha1.BuildRule, path *field.Path) field.ErrorList {
	errs := slices.Concat(
		oneOf(path.Child("state"), rule.State, buildStates()),
		oneOf(path.Child("isolation"), rule.Isolation, []v1alpha1.Isolation{v1alpha1.IsolationProcess, v1alpha1.IsolationHyperV}),
	)
	if _, err := policy.ParseBuild(rule.Build); err != nil {
		errs = append(errs, field.Invalid(path.Child("build"), rule.Build, err.Error()))
	}
	return errs
}

func buildStates() []v1alpha1.BuildState {
	return []v1alpha1.BuildState{v1alpha1.BuildActive, v1alpha1.BuildPreview, v1alpha1.BuildDeprecated, v1alpha1.BuildRetired}
}

// oneOf refuses a word that is not one of those given. An empty one stands for the default.
func oneOf[T ~string](path *field.Path, word T, words []T) field.ErrorList {
	if word == "" || slices.Contains(words, word) {
		return nil
	}
	return field.ErrorList{field.NotSupported(path, word, words)}
}
