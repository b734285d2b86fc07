package fleet

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// printer prints reports for people.
type printer struct {
	out     io.Writer
	palette terminal.Palette
	wide    bool
}

// print prints a report.
func (p *printer) print(r *Report) error {
	var text bytes.Buffer
	show := p.overview
	if r.Impact != nil {
		show = p.impact
	}
	if err := show(&text, r); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintf(&text, "Note: %s\n", note)
	}
	if _, err := p.out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// overview prints the table of builds.
func (p *printer) overview(out io.Writer, r *Report) error {
	if len(r.Overview) == 0 {
		fmt.Fprintln(out, "There are no Windows nodes, and no policy lists a build.")
		return nil
	}
	heading := []string{"BUILD", "RELEASE", "NODES", "PODS", "POLICY", "STATE", "STRANDED-WITHOUT"}
	if p.wide {
		heading = append(heading, "ISOLATION", "RUNTIMECLASS", "UNKNOWN", "DEPENDENTS")
	}
	table := output.NewTable(heading...)
	for i := range r.Overview {
		b := &r.Overview[i]
		cells := []string{
			b.Build, cmp.Or(b.Release, "-"), fmt.Sprintf("%d/%d", b.ReadyNodes, b.Nodes), strconv.Itoa(b.Pods),
			cmp.Or(b.Policy, "-"), cmp.Or(b.State, "-"), b.Workloads.stranded(),
		}
		if p.wide {
			cells = append(cells, cmp.Or(b.Isolation, "-"), cmp.Or(b.RuntimeClass, "-"), b.Workloads.unknown(), b.Workloads.names())
		}
		table.Add(styleOf(b), cells...)
	}
	return table.Write(out, p.palette, "")
}

// styleOf marks what an administrator has to look at.
func styleOf(b *Build) terminal.Style {
	switch {
	case b.Nodes > 0 && b.ReadyNodes == 0, b.Policy == "":
		return terminal.Yellow
	case b.Nodes == 0:
		return terminal.Dim
	}
	return ""
}

// stranded is how many pods would be stranded without the build; a dash where that is not known.
func (d *Dependents) stranded() string {
	if d == nil {
		return "-"
	}
	return strconv.Itoa(int(d.StrandedPods))
}

// unknown is of how many pods it cannot be told.
func (d *Dependents) unknown() string {
	if d == nil {
		return "-"
	}
	return strconv.Itoa(int(d.UnknownPods))
}

// names are the first of the workloads that would be stranded.
func (d *Dependents) names() string {
	if d == nil || len(d.Stranded) == 0 {
		return "-"
	}
	names := strings.Join(d.Stranded, ",")
	if d.MoreStranded > 0 {
		names += fmt.Sprintf(" and %d more", d.MoreStranded)
	}
	return names
}
