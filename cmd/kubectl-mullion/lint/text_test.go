package lint

import (
	"testing"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/lint"
)

func TestOnATerminalWhatMattersHasColour(t *testing.T) {
	report := &lint.Report{
		Policies: []string{"default"}, Builds: []string{"10.0.20348"},
		Objects: []lint.Object{
			{File: "a.yaml", Line: 1, Kind: "Pod", Namespace: "shop", Name: "a", Verdict: lint.Placed, Build: "10.0.20348"},
			{File: "a.yaml", Line: 9, Kind: "Pod", Namespace: "shop", Name: "b", Verdict: lint.Refused, Mode: v1alpha1.ModeEnforce, Policy: "default", Findings: []lint.Finding{
				{Severity: lint.Error, Reason: "LinuxImage", Field: "spec.containers[0].image", Line: 12, Problem: "it is for Linux", Context: "Policies do not matter", Fix: "use another"},
			}},
			{File: "b.yaml", Line: 1, Kind: "Pod", Namespace: "shop", Verdict: lint.NoPolicy, Findings: []lint.Finding{
				{Severity: lint.Warning, Reason: "Deprecated", Line: 1, Problem: "it is old"}, {Severity: lint.Info, Reason: "Retired", Line: 1, Problem: "it is older"},
			}},
		},
	}
	printer := textPrinter{palette: terminal.Colours()}
	expectGolden(t, "testdata/colours.txt", printer.report(report))
}
