package fleet

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/impact"
)

// maxNamed is how many workloads are named beside what would have to change for them.
const maxNamed = 5

// impact prints how many would be stranded, who, and what would have to change.
func (p *printer) impact(out io.Writer, r *Report) error {
	i := r.Impact
	fmt.Fprintln(out, p.summary(i))
	for _, part := range []struct {
		title     string
		workloads []Workload
	}{
		{"Stranded:", i.Stranded},
		{"Not known, because an image could not be inspected:", i.Unknown},
	} {
		if len(part.workloads) == 0 {
			continue
		}
		fmt.Fprintf(out, "\n%s\n", p.palette.Paint(terminal.Bold, part.title))
		if err := p.workloads(out, part.workloads); err != nil {
			return err
		}
		p.changes(out, part.workloads)
	}
	return nil
}

// summary is the answer in one line.
func (p *printer) summary(i *Impact) string {
	stranded, unknown := i.Outcomes[string(impact.Stranded)], i.Outcomes[string(impact.Unknown)]
	all := fmt.Sprintf("of %s with %s", count(i.Workloads, "workload"), count(i.Pods, "pod"))
	var text string
	style := terminal.Red
	switch {
	case i.Workloads == 0:
		return "There are no running Windows workloads, so that nothing would be stranded."
	case stranded.Workloads > 0:
		text = fmt.Sprintf("%d %s would be stranded, with %s", stranded.Workloads, all, count(stranded.Pods, "pod"))
	case unknown.Workloads > 0:
		text, style = "None "+all+" is known to be stranded", terminal.Yellow
	default:
		text, style = "None "+all+" would be stranded", terminal.Green
	}
	if unknown.Workloads > 0 {
		text += fmt.Sprintf("; of %d, with %s, it cannot be told", unknown.Workloads, count(unknown.Pods, "pod"))
	}
	return p.palette.Paint(style, text+".")
}

// count is a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return strconv.Itoa(n) + " " + thing + "s"
}

// workloads prints the table of workloads.
func (p *printer) workloads(out io.Writer, workloads []Workload) error {
	heading := []string{"NAMESPACE", "WORKLOAD", "PODS", "ON", "REASON", "IMAGE"}
	if p.wide {
		heading = append(heading, "POLICY", "MODE", "SAMPLES")
	}
	table := output.NewTable(heading...)
	for i := range workloads {
		w := &workloads[i]
		reason := w.Reason
		if w.Already {
			reason += " (already)"
		}
		cells := []string{w.Namespace, w.Owner, strconv.Itoa(w.Pods), strings.Join(w.Builds, ","), reason, cmp.Or(w.Image, "-")}
		if p.wide {
			cells = append(cells, cmp.Or(w.Policy, "-"), cmp.Or(w.Mode, "-"), cmp.Or(strings.Join(w.Samples, ","), "-"))
		}
		style := terminal.Style("")
		if w.Already {
			style = terminal.Dim
		}
		table.Add(style, cells...)
	}
	return table.Write(out, p.palette, "  ")
}

// changes prints what would have to change, once for all workloads for which it is the same.
func (p *printer) changes(out io.Writer, workloads []Workload) {
	type change struct{ problem, fix string }
	var order []change
	owners := map[change][]string{}
	for i := range workloads {
		w := &workloads[i]
		c := change{w.Problem, w.Fix}
		if owners[c] == nil {
			order = append(order, c)
		}
		owners[c] = append(owners[c], w.Namespace+"/"+w.Owner)
	}
	for _, c := range order {
		named := owners[c]
		who := strings.Join(named[:min(len(named), maxNamed)], ", ")
		if more := len(named) - maxNamed; more > 0 {
			who += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(out, "\n  For:      %s\n", who)
		fmt.Fprintf(out, "  Problem:  %s\n", output.Sentence(c.problem))
		if c.fix != "" {
			fmt.Fprintf(out, "  Fix:      %s\n", p.palette.Paint(terminal.Bold, output.Sentence(c.fix)))
		}
	}
}
