package review

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kjson "sigs.k8s.io/json"

	"github.com/mullion-dev/mullion/pkg/workload"
)

// kinds has the Go types of all kinds that can be reviewed, by which their fields are checked.
func kinds() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, appsv1.AddToScheme, batchv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("registering the kinds that can be reviewed: %w", err)
		}
	}
	return scheme, nil
}

// typeOf reads an object's kind, and refuses one that makes no pods.
func typeOf(raw []byte, path *field.Path) (schema.GroupVersionKind, field.ErrorList) {
	var kind schema.GroupVersionKind
	if raw = bytes.TrimSpace(raw); len(raw) == 0 || bytes.Equal(raw, []byte("null")) {
		return kind, field.ErrorList{field.Required(path, "the object to review")}
	}
	var meta metav1.TypeMeta
	if err := json.Unmarshal(raw, &meta); err != nil {
		return kind, field.ErrorList{invalid(path, "it is no Kubernetes object: "+err.Error())}
	}
	var errs field.ErrorList
	if meta.APIVersion == "" {
		errs = append(errs, field.Required(path.Child("apiVersion"), ""))
	}
	if meta.Kind == "" {
		errs = append(errs, field.Required(path.Child("kind"), ""))
	}
	if len(errs) > 0 {
		return kind, errs
	}
	kind = schema.FromAPIVersionAndKind(meta.APIVersion, meta.Kind)
	if _, makesPods := workload.TemplatePath(kind.GroupKind()); !makesPods {
		unknown := &workload.UnknownKindError{Kind: kind.GroupKind()}
		return kind, field.ErrorList{field.Invalid(path.Child("kind"), meta.Kind, unknown.Error())}
	}
	return kind, nil
}

// checkFields holds an object's fields against its type. What the first result has is refused by strict clients
// only, as API servers do: fields that are not known, and fields that are there twice.
func checkFields(scheme *runtime.Scheme, kind schema.GroupVersionKind, raw []byte, path *field.Path) (strict, errs field.ErrorList) {
	object, err := scheme.New(kind)
	if err != nil {
		return nil, field.ErrorList{field.NotSupported(path.Child("apiVersion"), kind.GroupVersion().String(),
			versions(scheme, kind.GroupKind()))}
	}
	faults, err := kjson.UnmarshalStrict(raw, object)
	if err != nil {
		return nil, field.ErrorList{invalid(path, err.Error())}
	}
	for _, fault := range faults {
		at := path
		var about kjson.FieldError
		detail := fault.Error()
		if errors.As(fault, &about) {
			at = path.Child(about.FieldPath())
			detail, _, _ = strings.Cut(detail, ` "`) // The path is named already.
		}
		strict = append(strict, invalid(at, detail))
	}
	return strict, nil
}

func versions(scheme *runtime.Scheme, kind schema.GroupKind) []string {
	var names []string
	for _, version := range scheme.VersionsForGroupKind(kind) {
		names = append(names, version.String())
	}
	slices.Sort(names)
	return names
}

// templateJSON cuts the pod template out of an object. An object without one has an empty one.
func templateJSON(raw []byte, path string) ([]byte, error) {
	if path == "" {
		return raw, nil
	}
	for name := range strings.SplitSeq(path, ".") {
		var fields map[string]json.RawMessage
		if err := json.Unmarshal(raw, &fields); err != nil {
			return nil, fmt.Errorf("reading %s of the object: %w", path, err)
		}
		if raw = fields[name]; raw == nil || bytes.Equal(raw, []byte("null")) {
			return []byte("{}"), nil
		}
	}
	return raw, nil
}

// decode reads an object as admission does, as one that is in the review's namespace.
func decode(kind schema.GroupVersionKind, raw []byte, namespace string, path *field.Path) (*workload.Object, error) {
	object, err := workload.DecodeObject(kind.GroupKind(), raw)
	if err != nil {
		return nil, &InvalidError{field.ErrorList{invalid(path, err.Error())}}
	}
	if own := object.Metadata.Namespace; own != "" && own != namespace {
		return nil, &InvalidError{field.ErrorList{field.Invalid(path.Child("metadata", "namespace"), own,
			fmt.Sprintf("the review is in namespace %q", namespace))}}
	}
	object.Metadata.Namespace = namespace
	object.Template.Metadata.Namespace = namespace
	return object, nil
}
