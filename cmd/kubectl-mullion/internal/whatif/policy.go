package whatif

import (
	"errors"
	"fmt"
	"os"

	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/manifest"
)

// policyKind is the kind of what is looked for in a file.
const policyKind = "WindowsBuildPolicy"

// readPolicy reads the one policy in a file, whatever else is in it. Fields that a policy does not have are refused,
// so that a slip of the pen is not taken for a wish.
func readPolicy(file string) (*v1alpha1.WindowsBuildPolicySpec, error) {
	set := manifest.Read([]string{file}, os.Stdin)
	var errs []error
	for _, problem := range set.Problems {
		errs = append(errs, fmt.Errorf("--if-policy: %w", problem))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	var found *v1alpha1.WindowsBuildPolicySpec
	for _, object := range set.Objects {
		if object.Kind.Group != v1alpha1.GroupName || object.Kind.Kind != policyKind {
			continue
		}
		if found != nil {
			return nil, fmt.Errorf("--if-policy: %s:%d: it is the second %s in the file, and one can be supposed", file, object.Line, policyKind)
		}
		decoded := &v1alpha1.WindowsBuildPolicy{}
		if err := yaml.UnmarshalStrict(object.JSON, decoded); err != nil {
			return nil, fmt.Errorf("--if-policy: %s:%d: reading %s: %w", file, object.Line, object, err)
		}
		found = &decoded.Spec
	}
	if found == nil {
		return nil, fmt.Errorf("--if-policy: %s has no %s", file, policyKind)
	}
	return found, nil
}
