package hostpolicy

import (
	"fmt"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func buildUnknown() *None {
	return &None{Reason: v1alpha1.ReasonNotYet, Message: "The host's build is not known yet, and its policy follows from it."}
}

func policyMissing(name string) *None {
	return &None{Reason: v1alpha1.ReasonNoPolicy, Message: fmt.Sprintf(
		"spec.policy names WindowsBuildPolicy %q, which does not exist. Make it, or name another.", name)}
}

func buildNotListed(name, build string) *None {
	return &None{Reason: v1alpha1.ReasonNoPolicy, Message: fmt.Sprintf(
		"spec.policy names WindowsBuildPolicy %q, which does not list the host's build %s. Add the build to it, or name another policy.", name, build)}
}

func noPolicy(build string) *None {
	return &None{Reason: v1alpha1.ReasonNoPolicy, Message: fmt.Sprintf(
		"No WindowsBuildPolicy lists the host's build %s. Add it to one, with a nodeConfigRef.", build)}
}

func noNodeConfig(policies []string, build string) *None {
	quoted := make([]string, len(policies))
	for i, name := range policies {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	subject, whom := "WindowsBuildPolicy "+quoted[0]+" lists", "it"
	if len(quoted) > 1 {
		subject, whom = "WindowsBuildPolicies "+strings.Join(quoted[:len(quoted)-1], ", ")+" and "+quoted[len(quoted)-1]+" list", "one of them"
	}
	return &None{Reason: v1alpha1.ReasonNoNodeConfig, Message: fmt.Sprintf(
		"%s the host's build %s without a nodeConfigRef, so that it is left to somebody else. Give %s one, or give the host a nodeConfigRef of its own.",
		subject, build, whom)}
}

func invalid(name string, err error) *None {
	return &None{Reason: v1alpha1.ReasonNoPolicy, Message: fmt.Sprintf(
		"WindowsBuildPolicy %q is not valid, and its hosts stay as they are until it is: %s.", name, strings.ReplaceAll(err.Error(), "\n", "; ")),
		Keeps: name}
}
