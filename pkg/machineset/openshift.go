package machineset

import (
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	osLabel   = "machine.openshift.io/os-id"
	osWindows = "Windows"
)

// openShiftSet judges a MachineSet of OpenShift. It is for Windows if its label, its user data, or its disk says so. Source:
// github.com/openshift/api, machine/v1beta1.
func openShiftSet(set *unstructured.Unstructured) field.ErrorList {
	provider := func(fields ...string) string {
		return text(set, append([]string{"spec", "template", "spec", "providerSpec", "value"}, fields...)...)
	}
	os := text(set, "spec", "template", "metadata", "labels", osLabel)
	secret := provider("userDataSecret", "name")
	if !isWindows(os) && secret != userData && !isWindows(provider("osDisk", "osType")) {
		return nil
	}
	var errs field.ErrorList
	if os != osWindows {
		errs = append(errs, label(os, osLabel, osWindows))
	}
	value := templatePath().Child("spec", "providerSpec", "value")
	if err := userDataName(value.Child("userDataSecret", "name"), secret); err != nil {
		errs = append(errs, err)
	}
	known, err := platformOf(value.Child("kind"), provider("kind"))
	if err != nil {
		return append(errs, err)
	}
	if why := tooLong(set, known.machine, suffix, known.why); why != "" {
		errs = append(errs, field.Invalid(field.NewPath("metadata", "name"), set.GetName(), "on "+known.name+", "+why))
	}
	return errs
}

// platformOf finds what the platform demands.
func platformOf(path *field.Path, kind string) (platform, *field.Error) {
	var kinds []string
	for _, known := range platforms() {
		if known.kind == kind {
			return known, nil
		}
		kinds = append(kinds, known.kind)
	}
	if kind == "" {
		return platform{}, field.Required(path, "it says on which platform the machines are made")
	}
	slices.Sort(kinds)
	err := field.NotSupported(path, kind, kinds)
	err.Detail += ": nothing is known of Windows machines elsewhere; label the template " + v1alpha1.LabelIgnore + "=true to look after them yourself"
	return platform{}, err
}
