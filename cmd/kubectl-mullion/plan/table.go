package plan

import (
	"cmp"
	"fmt"
	"io"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// none stands for what is not there, as in the other tables.
const none = "-"

// printTable prints a line for each host that reads like a sentence.
func printTable(out io.Writer, palette terminal.Palette, hosts []v1alpha1.WindowsHost, wide bool, now time.Time) error {
	if len(hosts) == 0 {
		if _, err := fmt.Fprintln(out, "There are no WindowsHosts."); err != nil {
			return fmt.Errorf("printing: %w", err)
		}
		return nil
	}
	heading := []string{"HOST", "NODE", "BUILD", "PHASE", "BECAUSE"}
	if wide {
		heading = []string{"HOST", "ADDRESS", "NODE", "BUILD", "POLICY", "CONFIG", "PLAN", "STEP", "AGE", "PHASE", "BECAUSE"}
	}
	table := output.NewTable(heading...)
	for i := range hosts {
		host := &hosts[i]
		s := &host.Status
		phase, because := cmp.Or(string(s.Phase), string(v1alpha1.HostPending)), cmp.Or(sentenceOf(host), none)
		cells := []string{nameOf(host), nodeOf(s), buildOf(s), phase, because}
		if wide {
			cells = []string{
				nameOf(host), host.Spec.Address, nodeOf(s), buildOf(s), cmp.Or(s.Policy, none), configOf(s), planOf(s.Plan),
				cmp.Or(string(s.Step), none), since(host.CreationTimestamp, now), phase, because,
			}
		}
		table.Add(styleOf(host), cells...)
	}
	return table.Write(out, palette, "")
}

// sentenceOf is why a host is in its phase; what it waits for where the status has no sentence of its own.
func sentenceOf(host *v1alpha1.WindowsHost) string {
	s := &host.Status
	switch {
	case s.Phase == "":
		return "the node manager has not looked at it yet"
	case s.Message != "":
		return plain(s.Message)
	case s.LastError != nil:
		return plain(s.LastError.Message)
	case s.Claim != nil:
		return plain(s.Claim.Message)
	}
	return ""
}

func nodeOf(s *v1alpha1.WindowsHostStatus) string {
	if s.Node == nil {
		return none
	}
	return s.Node.Name
}

func buildOf(s *v1alpha1.WindowsHostStatus) string {
	if s.Facts == nil || s.Facts.Build == "" {
		return none
	}
	return s.Facts.Build
}

func configOf(s *v1alpha1.WindowsHostStatus) string {
	if s.Applied == nil || s.Applied.NodeConfig == "" {
		return none
	}
	return s.Applied.NodeConfig
}

func planOf(p *v1alpha1.HostPlan) string {
	switch {
	case p == nil:
		return none
	case p.Summary != "":
		return plain(p.Summary)
	case len(p.Refusals) > 0:
		return "refused"
	}
	return fmt.Sprintf("%d actions", p.Total)
}

// since is how long ago something was, as kubectl has it.
func since(then metav1.Time, now time.Time) string {
	if then.IsZero() {
		return none
	}
	return duration.HumanDuration(now.Sub(then.Time))
}
