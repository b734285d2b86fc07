package lint

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/json"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// policyKind is the kind of policies.
func policyKind() schema.GroupKind {
	return v1alpha1.SchemeGroupVersion.WithKind("WindowsBuildPolicy").GroupKind()
}

// Policies compiles the policies among manifests. What is wrong with one is a problem with its place, and so is a
// second policy of the same name.
func Policies(set *manifest.Set) ([]*policy.Policy, []*manifest.Problem) {
	var compiled []*policy.Policy
	decoded, problems := decodePolicies(set)
	for _, d := range decoded {
		p, err := policy.Compile(d.policy)
		if err != nil {
			problems = append(problems, problemsWith(d.object, err)...)
			continue
		}
		compiled = append(compiled, p)
	}
	return compiled, problems
}

// DecodePolicies are the policies among manifests as they were written, for who wants to change them before they are
// compiled.
func DecodePolicies(set *manifest.Set) ([]*v1alpha1.WindowsBuildPolicy, []*manifest.Problem) {
	decoded, problems := decodePolicies(set)
	policies := make([]*v1alpha1.WindowsBuildPolicy, len(decoded))
	for i, d := range decoded {
		policies[i] = d.policy
	}
	return policies, problems
}

// decodedPolicy is a policy and the manifest that it was decoded from.
type decodedPolicy struct {
	object *manifest.Object
	policy *v1alpha1.WindowsBuildPolicy
}

func decodePolicies(set *manifest.Set) ([]decodedPolicy, []*manifest.Problem) {
	var decoded []decodedPolicy
	var problems []*manifest.Problem
	named := map[string]*manifest.Object{}
	for _, object := range set.Objects {
		if object.Kind.GroupKind() != policyKind() {
			continue
		}
		if first, twice := named[object.Name]; twice {
			problems = append(problems, problemsWith(object, fmt.Errorf("there is a policy %q already, in %s:%d", object.Name, first.File, first.Line))...)
			continue
		}
		named[object.Name] = object
		p, err := decode(object)
		if err != nil {
			problems = append(problems, problemsWith(object, err)...)
			continue
		}
		decoded = append(decoded, decodedPolicy{object, p})
	}
	return decoded, problems
}

// decode refuses fields and values that a policy does not have, as the API server does for kubectl.
func decode(object *manifest.Object) (*v1alpha1.WindowsBuildPolicy, error) {
	if object.Kind.GroupVersion() != v1alpha1.SchemeGroupVersion {
		return nil, fmt.Errorf("policies are of version %s, and this is %s", v1alpha1.SchemeGroupVersion, object.Kind.GroupVersion())
	}
	decoded := new(v1alpha1.WindowsBuildPolicy)
	unknown, err := json.UnmarshalStrict(object.JSON, decoded)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(append(unknown, checkChoices(&decoded.Spec))...); err != nil {
		return nil, err
	}
	return decoded, nil
}

// problemsWith are the errors that are joined in one, each with its line as far as it names a field.
func problemsWith(object *manifest.Object, err error) []*manifest.Problem {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var problems []*manifest.Problem
		for _, err := range joined.Unwrap() {
			problems = append(problems, problemsWith(object, err)...)
		}
		return problems
	}
	field := ""
	var strict json.FieldError
	if errors.As(err, &strict) {
		field = strict.FieldPath()
	} else if path, _, found := strings.Cut(err.Error(), ": "); found && strings.HasPrefix(path, "spec.") {
		field = path // As [policy.Compile] begins its errors.
	}
	return []*manifest.Problem{{
		File: object.File, Line: object.LineOf(field), Message: fmt.Sprintf("%s: %v", object, err),
	}}
}
