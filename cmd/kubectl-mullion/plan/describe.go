package plan

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// description prints all about one host for people.
type description struct {
	palette terminal.Palette
	now     time.Time
	text    bytes.Buffer
}

func (d *description) print(out io.Writer, host *v1alpha1.WindowsHost) error {
	d.headline(host)
	d.facts(host)
	d.plan(&host.Status)
	if err := d.conditions(host); err != nil {
		return err
	}
	if _, err := out.Write(d.text.Bytes()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// headline is the host, its phase and why, as one sentence.
func (d *description) headline(host *v1alpha1.WindowsHost) {
	phase := cmp.Or(host.Status.Phase, v1alpha1.HostPending)
	line := fmt.Sprintf("%s (%s) is %s", nameOf(host), host.Spec.Address, phase)
	if sentence := sentenceOf(host); sentence != "" {
		line += ": " + sentence
	}
	style := styleOf(host)
	d.line(d.palette.Paint(cmp.Or(style, terminal.Green), line))
	if !host.DeletionTimestamp.IsZero() {
		d.line("It was deleted " + since(*host.DeletionTimestamp, d.now) + " ago, and goes when its host has been given back.")
	}
	if host.Spec.Paused {
		d.line("It is paused: spec.paused keeps its configuration as it is.")
	}
	if host.Status.ObservedGeneration < host.Generation {
		d.line("Its spec has changed since the node manager looked at it last.")
	}
}

// facts are what is known of the host, one a line; what is not known has none.
func (d *description) facts(host *v1alpha1.WindowsHost) {
	s := &host.Status
	before := d.text.Len()
	d.line("")
	if s.Node != nil {
		joined := "not joined yet"
		if s.Node.Joined {
			joined = "joined"
		}
		d.fact("Node", s.Node.Name+", "+joined)
	}
	if f := s.Facts; f != nil {
		d.fact("Windows", join(", ", fmt.Sprintf("%s.%d", f.Build, f.Revision), plain(f.Edition), plain(f.InstallationType)))
	}
	if s.Policy != "" {
		d.fact("Policy", s.Policy)
	}
	if a := s.Applied; a != nil {
		version := a.KubernetesVersion
		if version != "" {
			version = "kubelet " + version
		}
		d.fact("Applied", join(", ", fmt.Sprintf("node config %s, generation %d", a.NodeConfig, a.NodeConfigGeneration), version, since(a.Time, d.now)+" ago"))
		if a.RolledBackFrom != "" {
			d.fact("Rolled back", "from configuration "+a.RolledBackFrom+", with which it did not become Ready")
		}
	}
	d.turn(host)
	if r := s.Reboots; r != nil && r.Attempts > 0 {
		d.fact("Reboots", fmt.Sprintf("%d tried, the last %s ago: %s", r.Attempts, since(r.Time, d.now), cmp.Or(r.Reason, "no reason is noted")))
	}
	if e := s.LastError; e != nil {
		text := fmt.Sprintf("in step %s, %s, %d in a row, first %s ago", e.Step, e.Reason, max(e.Attempts, 1), since(e.Time, d.now))
		d.fact("Last error", text+unlessSaid(host, e.Message))
	}
	if d.text.Len() == before+1 {
		d.text.Truncate(before) // There are none.
	}
}

// turn is whether the host is out of service, or waits to be.
func (d *description) turn(host *v1alpha1.WindowsHost) {
	s := &host.Status
	if t := s.Disruption; t != nil {
		drained := "being drained"
		if t.Drained {
			drained = "drained"
		}
		if t.CordonedByUs {
			drained = "cordoned, " + drained
		}
		d.fact("Turn", fmt.Sprintf("out of service for %s, %s so far, %s", t.Reason, since(t.Since, d.now), drained))
	}
	if c := s.Claim; c != nil {
		text := fmt.Sprintf("to be taken out of service for %s, %s so far, %s", c.Reason, since(c.Since, d.now), c.Refusal)
		d.fact("Waits", text+unlessSaid(host, c.Message))
	}
}

// unlessSaid is a message after a colon; nothing where the headline has it already.
func unlessSaid(host *v1alpha1.WindowsHost, message string) string {
	message = plain(message)
	if message == "" || strings.Contains(sentenceOf(host), message) {
		return ""
	}
	return ": " + message
}

// plan is what would be done, one action a line, marked where it interrupts what runs on the host.
func (d *description) plan(s *v1alpha1.WindowsHostStatus) {
	d.line("")
	p := s.Plan
	switch {
	case p == nil && s.Facts == nil:
		d.line("Plan: none yet, because the host was not examined.")
		return
	case p == nil && (s.Claim != nil || s.Disruption != nil):
		d.line("Plan: its configuration stays as it is.")
		return
	case p == nil:
		d.line("Plan: nothing is left to do.")
		return
	}
	effects := []string{}
	if p.Disruptive {
		effects = append(effects, "what runs on the host is interrupted")
	}
	if p.Reboot {
		effects = append(effects, "the host is restarted")
	}
	d.line("Plan: " + join("; ", append([]string{planOf(p)}, effects...)...))
	for _, refusal := range p.Refusals {
		d.line(d.palette.Paint(terminal.Red, "  ✗ "+plain(refusal)))
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		sign, style := "  - ", terminal.Style("")
		if a.Disruptive {
			sign, style = "  ! ", terminal.Yellow
		}
		d.line(d.palette.Paint(style, sign+plain(join(": ", a.Action, a.Reason))))
	}
	if more := int(p.Total) - len(p.Actions); more > 0 {
		d.line(fmt.Sprintf("  … and %d more", more))
	}
}

func (d *description) conditions(host *v1alpha1.WindowsHost) error {
	if len(host.Status.Conditions) == 0 {
		return nil
	}
	d.line("")
	table := output.NewTable("CONDITION", "STATUS", "SINCE", "REASON", "MESSAGE")
	for i := range host.Status.Conditions {
		c := &host.Status.Conditions[i]
		table.Add(styleOfCondition(c), c.Type, string(c.Status), since(c.LastTransitionTime, d.now), c.Reason, cmp.Or(plain(c.Message), none))
	}
	return table.Write(&d.text, d.palette, "")
}

func (d *description) line(text string) { d.text.WriteString(text + "\n") }

func (d *description) fact(name, value string) { d.line(fmt.Sprintf("%-12s %s", name+":", value)) }

// join joins the parts that are not empty.
func join(separator string, parts ...string) string {
	var some []string
	for _, part := range parts {
		if part != "" {
			some = append(some, part)
		}
	}
	return strings.Join(some, separator)
}
