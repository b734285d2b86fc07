package validate

import (
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Verdict is what is told of a Windows pod, or of an object that makes such pods.
type Verdict struct {
	// Denial is why pods are refused, or would be if the policy were enforced; nil where nothing speaks against
	// them.
	Denial *policy.Finding
	// Refused tells that the denial is carried out. An object that makes pods is never refused itself.
	Refused bool
	// Warnings are what the user is told, in this order.
	Warnings []Warning
}

// Warning is a finding and the words in which the user is told of it.
type Warning struct {
	policy.Finding
	Text string
}

// JudgePod carries a decision about a pod out as its policy's mode wants.
func JudgePod(decision *policy.Decision, pod *workload.Pod) Verdict {
	if !decision.Windows {
		return Verdict{}
	}
	verdict := Verdict{Denial: decision.Denial}
	if verdict.Denial == nil {
		verdict.Denial = decision.Unplaced()
	}
	switch decision.Mode {
	case v1alpha1.ModeAudit:
		return verdict
	case v1alpha1.ModeWarn:
		if verdict.Denial != nil {
			verdict.Warnings = append(verdict.Warnings, wouldBeRefused("this pod", decision.Policy, verdict.Denial))
		}
	default:
		if verdict.Denial != nil {
			verdict.Refused = true
			return verdict
		}
	}
	verdict.warn(decision.Warnings)
	verdict.warn(fieldFindings(pod))
	return verdict
}

// JudgeTemplate says, to whoever applies an object, what will become of its pods.
func JudgeTemplate(decision *policy.Decision, object *workload.Object) Verdict {
	if !decision.Windows {
		return Verdict{}
	}
	verdict := Verdict{Denial: within(object, decision.Denial)}
	if decision.Mode == v1alpha1.ModeAudit {
		return verdict
	}
	if denial := verdict.Denial; denial != nil {
		if decision.Mode == v1alpha1.ModeWarn {
			verdict.Warnings = append(verdict.Warnings, wouldBeRefused("a pod of this", decision.Policy, denial))
		} else {
			verdict.warn([]policy.Finding{*denial})
		}
	}
	findings := decision.Warnings
	if object.Kind.Kind == "DaemonSet" && decision.Mislead != nil {
		findings = append(findings[:len(findings):len(findings)], *decision.Mislead)
	}
	findings = append(findings[:len(findings):len(findings)], fieldFindings(object.Template)...)
	for i := range findings {
		verdict.warn([]policy.Finding{*within(object, &findings[i])})
	}
	return verdict
}

// within is a finding about a pod as one about the object that makes the pod.
func within(object *workload.Object, finding *policy.Finding) *policy.Finding {
	if finding == nil || finding.Field == "" {
		return finding
	}
	moved := *finding
	moved.Field = object.Field(finding.Field)
	return &moved
}

func (v *Verdict) warn(findings []policy.Finding) {
	for i := range findings {
		v.Warnings = append(v.Warnings, Warning{Finding: findings[i], Text: findings[i].String()})
	}
}

// wouldBeRefused is the warning that a policy which only warns gives in place of a denial.
func wouldBeRefused(what, policyName string, denial *policy.Finding) Warning {
	return Warning{
		Finding: *denial,
		Text:    what + " would be refused if policy " + policyName + " were enforced: " + denial.String(),
	}
}

// texts are the warnings as the API server passes them on.
func (v *Verdict) texts() []string {
	texts := make([]string, len(v.Warnings))
	for i := range v.Warnings {
		texts[i] = v.Warnings[i].Text
	}
	return texts
}
