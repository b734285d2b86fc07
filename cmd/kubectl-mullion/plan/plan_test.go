package plan

import (
	"os"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

func TestWhatIsShownOfHosts(t *testing.T) {
	for sentence, c := range map[string]struct {
		golden string
		args   []string
		code   int
	}{
		"all hosts":                          {"all.txt", nil, exit.Findings},
		"all hosts, with everything":         {"all-wide.txt", []string{"-o", "wide"}, exit.Findings},
		"those of one namespace":             {"edge.txt", []string{"-n", "edge"}, exit.OK},
		"all, although a namespace is named": {"all.txt", []string{"-n", "edge", "-A"}, exit.Findings},
		"none":                               {"none.txt", []string{"-n", "nowhere"}, exit.OK},
		"their names":                        {"names.txt", []string{"-o", "name"}, exit.Findings},
		"one that would strand a workload":   {"win-1.txt", []string{"win-1"}, exit.Findings},
		"one that is being changed":          {"win-2.txt", []string{"mullion-system/win-2"}, exit.OK},
		"one that is out of reach":           {"win-3.txt", []string{"win-3", "-n", "mullion-system"}, exit.Findings},
		"one that is as it shall be":         {"win-4.txt", []string{"win-4"}, exit.OK},
		"one that nobody has looked at":      {"win-5.txt", []string{"win-5"}, exit.OK},
		"one, for a program":                 {"win-4.yaml", []string{"win-4", "-o", "yaml"}, exit.OK},
		"one field of one":                   {"field.txt", []string{"win-1", "-o", "jsonpath={.status.claim.refusal}{\"\\n\"}"}, exit.Findings},
	} {
		t.Run(sentence, func(t *testing.T) {
			serve(t, scene()...)
			got := run(t.Context(), c.args...)
			if got.code != c.code {
				t.Errorf("exit code %d, want %d: %v", got.code, c.code, got.err)
			}
			if got.errOut != "" {
				t.Errorf("error output that is no terminal: %q", got.errOut)
			}
			commandtest.Golden(t, c.golden, got.out)
		})
	}
}

func TestTheHelpIsAsReviewed(t *testing.T) {
	commandtest.Isolate(t)
	commandtest.Golden(t, "help.txt", strings.ReplaceAll(run(t.Context(), "--help").out, os.Getenv("KUBECACHEDIR"), "~/.kube/cache"))
}

func TestTheDocumentationShowsWhatIsPrinted(t *testing.T) {
	page, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	serve(t, scene()...)
	for _, args := range [][]string{nil, {"win-1"}, {"win-2"}} {
		if got := run(t.Context(), args...); !strings.Contains(string(page), got.out) {
			t.Errorf("docs/cli.md does not show\n%s", got.out)
		}
	}
}

func TestAHostNeedsSomebodyUnlessTimeAloneHelps(t *testing.T) {
	condition := func(name string, status metav1.ConditionStatus, reason string) func(*v1alpha1.WindowsHost) {
		return func(host *v1alpha1.WindowsHost) {
			c := &host.Status.Conditions[0]
			c.Type, c.Status, c.Reason = name, status, reason
		}
	}
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   bool
	}{
		"it is as it shall be":       {func(*v1alpha1.WindowsHost) {}, false},
		"it is being changed":        {upgrading, false},
		"it would strand a workload": {stranding, true},
		"it waits for a window": {func(h *v1alpha1.WindowsHost) {
			h.Status.Claim = &v1alpha1.HostClaim{Refusal: v1alpha1.ReasonOutsideWindow}
		}, false},
		"its rollout is halted": {func(h *v1alpha1.WindowsHost) {
			h.Status.Claim = &v1alpha1.HostClaim{Refusal: v1alpha1.ReasonRolloutHalted}
		}, true},
		"it has failed":                  {func(h *v1alpha1.WindowsHost) { h.Status.Phase = v1alpha1.HostFailed }, true},
		"its plan is refused":            {func(h *v1alpha1.WindowsHost) { h.Status.Plan = &v1alpha1.HostPlan{Refusals: []string{"no disk"}} }, true},
		"it cannot be reached":           {condition(v1alpha1.HostConditionReachable, "False", v1alpha1.ReasonUnreachable), true},
		"nobody knows whether it can be": {condition(v1alpha1.HostConditionReachable, "Unknown", v1alpha1.ReasonNotYet), false},
		"it is another host":             {condition(v1alpha1.HostConditionHostKeyVerified, "False", v1alpha1.ReasonHostKeyMismatch), true},
		"it cannot be a node":            {condition(v1alpha1.HostConditionPreflightPassed, "False", v1alpha1.ReasonRefused), true},
		"pods that cannot go":            {condition(v1alpha1.HostConditionDraining, "True", v1alpha1.ReasonDrainBlocked), true},
		"it is degraded":                 {condition(v1alpha1.HostConditionDegraded, "True", v1alpha1.ReasonDrifted), true},
	} {
		host := newHost("mullion-system", "a", "10.0.0.1", "10.0.20348", c.change)
		if got := verdict([]v1alpha1.WindowsHost{*host}) != nil; got != c.want {
			t.Errorf("%s: %t", sentence, got)
		}
	}
}

func TestNothingThatAHostSaysIsObeyedByATerminal(t *testing.T) {
	const evil = "\x1b[2Jgone\nforged line"
	serve(t, newHost("mullion-system", "win-1", "10.0.0.1", "10.0.20348", func(h *v1alpha1.WindowsHost) {
		h.Status.Message = evil
		h.Status.Facts.Edition = evil
		h.Status.LastError = &v1alpha1.HostError{Message: "another " + evil}
		h.Status.Plan = &v1alpha1.HostPlan{Refusals: []string{evil}, Actions: []v1alpha1.PlannedAction{{Action: evil}}, Summary: evil}
		h.Status.Conditions[0].Message = evil
	}))
	for _, args := range [][]string{{"-o", "wide"}, {"win-1"}} {
		got := run(t.Context(), args...)
		if strings.Contains(got.out, "\x1b") || strings.Contains(got.out, "\nforged") || !strings.Contains(got.out, "gone forged line") {
			t.Errorf("%v: %q", args, got.out)
		}
	}
}
