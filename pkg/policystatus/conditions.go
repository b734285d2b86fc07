package policystatus

import (
	"fmt"
	"strings"

	nodev1 "k8s.io/api/node/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/runtimeclass"
)

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

func accepted(err error) metav1.Condition {
	if err != nil {
		return condition(v1alpha1.ConditionAccepted, metav1.ConditionFalse, v1alpha1.ReasonInvalidSpec,
			"The policy is not in force: "+strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return condition(v1alpha1.ConditionAccepted, metav1.ConditionTrue, v1alpha1.ReasonCompiled, "The policy is valid.")
}

// classesReady compares the classes that the policy needs with those there are. Of several reasons the one
// is given that needs a person most; the message has all of them.
func classesReady(compiled *policy.Policy, plan *runtimeclass.Plan, live map[string]*nodev1.RuntimeClass) metav1.Condition {
	problems := map[string][]string{}
	for i := range compiled.Builds {
		name := compiled.Builds[i].RuntimeClass
		class, planned := plan.Class(name)
		if !planned {
			continue
		}
		if reason, problem := judge(class, live[name]); reason != "" {
			problems[reason] = append(problems[reason], problem)
		}
	}
	var reason string
	var messages []string
	for _, r := range []string{v1alpha1.ReasonRuntimeClassConflict, v1alpha1.ReasonForeignRuntimeClass, v1alpha1.ReasonRuntimeClassPending} {
		if reason == "" && len(problems[r]) > 0 {
			reason = r
		}
		messages = append(messages, problems[r]...)
	}
	if reason == "" {
		return condition(v1alpha1.ConditionRuntimeClassesReady, metav1.ConditionTrue, v1alpha1.ReasonRuntimeClassesReady,
			"Every RuntimeClass is as it should be.")
	}
	return condition(v1alpha1.ConditionRuntimeClassesReady, metav1.ConditionFalse, reason, strings.Join(messages, " "))
}

// judge says why a class is not as it should be; an empty reason where it is.
func judge(class *runtimeclass.Class, live *nodev1.RuntimeClass) (reason, problem string) {
	switch class.StateOf(live) {
	case runtimeclass.StateConflict:
		return v1alpha1.ReasonRuntimeClassConflict,
			fmt.Sprintf("RuntimeClass %q is left as it is: %s. Give one of them another name.", class.Name, class.Conflict)
	case runtimeclass.StateForeign:
		return v1alpha1.ReasonForeignRuntimeClass,
			fmt.Sprintf("RuntimeClass %q was made by somebody else and is used as it is, although %s. Give the build another runtimeClass.name, or change the RuntimeClass.",
				class.Name, strings.Join(class.Differences(live), " and "))
	case runtimeclass.StateOtherHandler:
		return v1alpha1.ReasonRuntimeClassPending,
			fmt.Sprintf("RuntimeClass %q has the handler %s; it is replaced by one with %s once no pod uses it.",
				class.Name, live.Handler, class.Handler)
	case runtimeclass.StateMissing:
		return v1alpha1.ReasonRuntimeClassPending, fmt.Sprintf("RuntimeClass %q is being made.", class.Name)
	case runtimeclass.StateDrifted:
		return v1alpha1.ReasonRuntimeClassPending, fmt.Sprintf("RuntimeClass %q is being brought up to date.", class.Name)
	default:
		return "", ""
	}
}

// overlapping says which other policies may select the same pods, and which of them win.
func overlapping(winners, losers []string) metav1.Condition {
	var messages []string
	if len(winners) > 0 {
		messages = append(messages, fmt.Sprintf("Policies that come before this one for pods that both select: %s.", quoted(winners)))
	}
	if len(losers) > 0 {
		messages = append(messages, fmt.Sprintf("This policy comes before others for pods that both select: %s.", quoted(losers)))
	}
	if len(messages) == 0 {
		return condition(v1alpha1.ConditionOverlapping, metav1.ConditionFalse, v1alpha1.ReasonNoOverlap,
			"No other policy can select the same pods.")
	}
	return condition(v1alpha1.ConditionOverlapping, metav1.ConditionTrue, v1alpha1.ReasonOverlapping, strings.Join(messages, " "))
}

func quoted(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(quoted, ", ")
}

// ready sums up the conditions that must hold for the policy to work.
func ready(mode v1alpha1.Mode, must ...metav1.Condition) metav1.Condition {
	for _, c := range must {
		if c.Status != metav1.ConditionTrue {
			return condition(v1alpha1.ConditionReady, metav1.ConditionFalse, c.Reason, c.Message)
		}
	}
	return condition(v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInForce,
		fmt.Sprintf("The policy is in force, in mode %s.", mode))
}
