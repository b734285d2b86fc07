package explain

import (
	"bytes"
	"cmp"
	"fmt"
	"io"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

// indent is what stands before everything that belongs to a verdict.
const indent = "  "

// printer prints answers for people.
type printer struct {
	out     io.Writer
	palette terminal.Palette
	// wide adds columns and images, and patch adds what admission would change.
	wide, patch bool
	// supposed tells that the answers are about a cluster that is not so.
	supposed bool
}

// print prints the answers, with an empty line between them.
func (p *printer) print(answers []answer) error {
	var text bytes.Buffer
	for i := range answers {
		if i > 0 {
			fmt.Fprintln(&text)
		}
		if err := p.one(&text, &answers[i]); err != nil {
			return err
		}
	}
	if _, err := p.out.Write(text.Bytes()); err != nil {
		return fmt.Errorf("printing: %w", err)
	}
	return nil
}

// one prints the verdict, and then what led to it.
func (p *printer) one(out io.Writer, a *answer) error {
	verdict, style := verdictOf(&a.Status, p.supposed)
	fmt.Fprintf(out, "%s: %s\n", p.palette.Paint(terminal.Bold, a.String()), p.palette.Paint(style, verdict))
	if err := p.candidates(out, a.Status.Candidates); err != nil {
		return err
	}
	p.findings(out, a)
	if p.patch {
		p.changes(out, &a.Status)
	}
	if p.wide {
		if err := p.images(out, a.Status.Images); err != nil {
			return err
		}
	}
	for _, note := range append(a.notes, a.Status.Notes...) {
		p.field(out, "Note", "", output.Sentence(note))
	}
	return nil
}

// candidates prints the table of builds and reasons.
func (p *printer) candidates(out io.Writer, candidates []placementv1alpha1.Candidate) error {
	if len(candidates) == 0 {
		return nil
	}
	table := output.NewTable("", "BUILD", "STATE", "NODES", "FITS", "WHY")
	if p.wide {
		table = output.NewTable("", "BUILD", "RELEASE", "STATE", "ISOLATION", "RUNTIMECLASS", "NODES", "FITS", "REASON", "WHY")
	}
	for i := range candidates {
		c := &candidates[i]
		mark, style := "", terminal.Style("")
		if c.Chosen {
			mark, style = "*", terminal.Green
		} else if !c.Fits {
			style = terminal.Dim
		}
		if p.wide {
			table.Add(style, mark, c.Build, cmp.Or(c.Release, "-"), c.State, c.Isolation, c.RuntimeClass, nodesOf(c), fits(c), c.Reason, c.Message)
		} else {
			table.Add(style, mark, c.Build, c.State, nodesOf(c), fits(c), c.Message)
		}
	}
	return table.Write(out, p.palette, "")
}

// findings prints why not, and what else the user should know, each with what mends it.
func (p *printer) findings(out io.Writer, a *answer) {
	if a.Status.Denial != nil {
		p.finding(out, a, "Problem", terminal.Red, a.Status.Denial)
	}
	for i := range a.Status.Warnings {
		// Who applies something that makes pods is warned of their denial, which stands here already.
		if warning := &a.Status.Warnings[i]; a.Status.Denial == nil || warning.Message != a.Status.Denial.Message {
			p.finding(out, a, "Warning", terminal.Yellow, warning)
		}
	}
}

func (p *printer) finding(out io.Writer, a *answer, label string, style terminal.Style, f *placementv1alpha1.Finding) {
	p.field(out, label, style, output.Sentence(cmp.Or(f.Problem, f.Message)))
	if f.Field != "" {
		where := f.Field
		if a.place != nil {
			where += ", " + a.place(f.Field)
		}
		p.field(out, "Where", "", where)
	}
	p.field(out, "Context", "", output.Sentence(f.Context))
	p.field(out, "Fix", terminal.Bold, output.Sentence(f.Fix))
}

// field prints one labelled line, unless it is empty.
func (p *printer) field(out io.Writer, label string, style terminal.Style, text string) {
	if text != "" {
		fmt.Fprintf(out, "%s%-9s %s\n", indent, label+":", p.palette.Paint(style, text))
	}
}
