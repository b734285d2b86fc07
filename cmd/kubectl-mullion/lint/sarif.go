package lint

import (
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// The part of SARIF 2.1.0 that a linter needs.
//
// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}

	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		Results     []sarifResult     `json:"results"`
	}

	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}

	sarifDriver struct {
		Name    string      `json:"name"`
		Version string      `json:"version"`
		Rules   []sarifRule `json:"rules"`
	}

	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
	}

	sarifText struct {
		Text string `json:"text"`
	}

	sarifInvocation struct {
		ExecutionSuccessful bool                `json:"executionSuccessful"`
		Notifications       []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}

	sarifNotification struct {
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}

	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}

	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}

	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}

	sarifArtifact struct {
		URI string `json:"uri"`
	}

	sarifRegion struct {
		StartLine int `json:"startLine"`
	}

	// sarifLogical is the object at fault.
	sarifLogical struct {
		Name string `json:"fullyQualifiedName"`
		Kind string `json:"kind"`
	}
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// newSARIF is a report as a SARIF log. The rules are the reasons of findings.
func newSARIF(report *lint.Report, version string) *sarifLog {
	rules := rulesOf(report)
	run := sarifRun{
		Tool:        sarifTool{sarifDriver{Name: "kubectl-mullion", Version: version, Rules: rules}},
		Invocations: []sarifInvocation{{ExecutionSuccessful: len(report.Problems) == 0}},
		Results:     []sarifResult{},
	}
	for _, problem := range report.Problems {
		run.Invocations[0].Notifications = append(run.Invocations[0].Notifications, sarifNotification{
			Level: "error", Message: sarifText{problem.Message}, Locations: []sarifLocation{locationOf(problem.File, problem.Line)},
		})
	}
	for i := range report.Objects {
		object := &report.Objects[i]
		for k := range object.Findings {
			f := &object.Findings[k]
			at := locationOf(object.File, f.Line)
			at.Logical = []sarifLogical{{Name: object.Kind + " " + nameOf(object), Kind: "object"}}
			run.Results = append(run.Results, sarifResult{
				RuleID:    string(f.Reason),
				RuleIndex: slices.IndexFunc(rules, func(r sarifRule) bool { return r.ID == string(f.Reason) }),
				Level:     sarifLevel(f.Severity),
				Message:   sarifText{f.Message},
				Locations: []sarifLocation{at},
			})
		}
	}
	return &sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{run}}
}

// rulesOf are the rules that were broken, sorted.
func rulesOf(report *lint.Report) []sarifRule {
	var reasons []policy.Reason
	for i := range report.Objects {
		for k := range report.Objects[i].Findings {
			reasons = append(reasons, report.Objects[i].Findings[k].Reason)
		}
	}
	slices.Sort(reasons)
	rules := []sarifRule{}
	for _, reason := range slices.Compact(reasons) {
		rules = append(rules, sarifRule{ID: string(reason), ShortDescription: sarifText{describeReason(reason)}})
	}
	return rules
}

func sarifLevel(severity lint.Severity) string {
	if severity == lint.Info {
		return "note"
	}
	return string(severity)
}

func locationOf(file string, line int) sarifLocation {
	at := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		at.Scheme = "file"
		at.Path = "/" + strings.TrimPrefix(at.Path, "/") // One of Windows begins with its drive.
	}
	location := sarifLocation{Physical: sarifPhysical{Artifact: sarifArtifact{at.String()}}}
	if line > 0 {
		location.Physical.Region = &sarifRegion{line}
	}
	return location
}
