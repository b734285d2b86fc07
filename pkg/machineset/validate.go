package machineset

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	// openShift and clusterAPI are the groups of the machine APIs.
	openShift  = "machine.openshift.io"
	clusterAPI = "cluster.x-k8s.io"
	// userData is the Secret that lets the node manager into new machines.
	userData = "windows-user-data"
)

// Validate says what is wrong with a set of Windows machines; nothing where it is not for Windows. Each error says what
// mends it.
func Validate(set *unstructured.Unstructured) field.ErrorList {
	switch group := set.GroupVersionKind().Group; {
	case text(set, "spec", "template", "metadata", "labels", v1alpha1.LabelIgnore) == "true":
		return nil
	case group == openShift:
		return openShiftSet(set)
	case group == clusterAPI:
		return clusterAPISet(set)
	default:
		return nil
	}
}

// NewErrors are the errors that an update brings. What was wrong before keeps nobody from scaling a set, or mending the rest
// of it.
func NewErrors(set, old *unstructured.Unstructured) field.ErrorList {
	known := map[string]bool{}
	for _, err := range Validate(old) {
		known[err.Error()] = true
	}
	var found field.ErrorList
	for _, err := range Validate(set) {
		if !known[err.Error()] {
			found = append(found, err)
		}
	}
	return found
}

// text is a field of an object that is a string; empty where there is none.
func text(set *unstructured.Unstructured, fields ...string) string {
	value, _, err := unstructured.NestedString(set.Object, fields...)
	if err != nil {
		return ""
	}
	return value
}

// label is the error of a template that lacks the label which makes its machines Windows machines.
func label(found, key, value string) *field.Error {
	path := templatePath().Child("metadata", "labels").Key(key)
	fix := "its machines are for Windows, and nobody looks after them without the label: set it to " + value
	if found == "" {
		return field.Required(path, fix)
	}
	return field.Invalid(path, found, fix)
}

// userDataName is the error of a reference to other user data than ours; nil for ours.
func userDataName(path *field.Path, found string) *field.Error {
	const fix = "it lets the node manager in; without it machines are made that nobody can log in to: set it to " + userData
	switch found {
	case userData:
		return nil
	case "":
		return field.Required(path, fix)
	default:
		return field.Invalid(path, found, fix)
	}
}

func templatePath() *field.Path { return field.NewPath("spec", "template") }

// isWindows compares as people write it.
func isWindows(value string) bool { return strings.EqualFold(value, "windows") }
