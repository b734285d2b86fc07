package lint

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// textPrinter writes a report for a person.
type textPrinter struct {
	palette terminal.Palette
	// quiet leaves out objects without findings.
	quiet bool

	strings.Builder
}

func (p *textPrinter) report(report *lint.Report) string {
	if !p.quiet {
		p.printf("Policies: %s. Assumed are Ready nodes of %s.\n\n",
			strings.Join(report.Policies, ", "), describeBuilds(report.Builds))
	}
	file := ""
	for i := range report.Objects {
		object := &report.Objects[i]
		if p.quiet && len(object.Findings) == 0 {
			continue
		}
		if object.File != file {
			if file != "" {
				p.printf("\n")
			}
			file = object.File
			p.printf("%s\n", p.palette.Paint(terminal.Bold, file))
		}
		p.object(object)
	}
	if file != "" {
		p.printf("\n")
	}
	p.summary(report)
	return p.String()
}

func (p *textPrinter) printf(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *textPrinter) object(object *lint.Object) {
	mark, style := markOf(object)
	p.printf("  %s %s %s: %s\n", p.palette.Paint(style, mark), object.Kind, nameOf(object), outcomeOf(object))
	for i := range object.Findings {
		p.finding(object.File, &object.Findings[i])
	}
}

func (p *textPrinter) finding(file string, f *lint.Finding) {
	p.printf("    %s: %s: %s\n", place(file, f.Line), p.palette.Paint(styleOf(f.Severity), string(f.Severity)), f.Reason)
	problem := f.Problem
	if f.Field != "" {
		problem = p.palette.Paint(terminal.Bold, f.Field) + ": " + problem
	}
	p.printf("      %s.\n", problem)
	if f.Context != "" {
		p.printf("      %s.\n", p.palette.Paint(terminal.Dim, f.Context))
	}
	if f.Fix != "" {
		p.printf("      To fix it, %s.\n", f.Fix)
	}
}

// summary counts what was judged and what was not.
func (p *textPrinter) summary(report *lint.Report) {
	var counts []string
	for _, verdict := range []struct {
		verdict lint.Verdict
		text    string
	}{
		{lint.Placed, "placed"}, {lint.Refused, "refused"}, {lint.Untouched, "not for Windows"},
		{lint.NoPolicy, "without a policy"}, {lint.Exempt, "exempt"},
	} {
		if n := report.Count(verdict.verdict); n > 0 {
			counts = append(counts, fmt.Sprintf("%d %s", n, verdict.text))
		}
	}
	p.printf("%s judged", count(len(report.Objects), "object"))
	if len(counts) > 0 {
		p.printf(": %s", strings.Join(counts, ", "))
	}
	p.printf(". %s, %s.\n", count(report.CountFindings(lint.Error), "error"), count(report.CountFindings(lint.Warning), "warning"))
	if skipped := skippedKinds(report.Skipped); skipped != "" && !p.quiet {
		p.printf("Skipped, since they are not known to make pods: %s.\n", skipped)
	}
	if len(report.Problems) > 0 {
		p.printf("%s could not be judged.\n", count(len(report.Problems), "document"))
	}
}

// skippedKinds counts what was skipped by its kind, sorted.
func skippedKinds(notes []lint.Note) string {
	counts := map[string]int{}
	for _, note := range notes {
		counts[cmp.Or(note.Kind, "what is no object")]++
	}
	var kinds []string
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		kinds = append(kinds, fmt.Sprintf("%s (%d)", kind, counts[kind]))
	}
	return strings.Join(kinds, ", ")
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// nameOf is an object's name with its namespace.
func nameOf(object *lint.Object) string {
	return object.Namespace + "/" + cmp.Or(object.Name, "(without a name)")
}

// outcomeOf is what would become of an object's pods, in a few words.
func outcomeOf(object *lint.Object) string {
	switch object.Verdict {
	case lint.Placed:
		return "placed on " + describeBuild(object.Build)
	case lint.Refused:
		switch object.Mode {
		case v1alpha1.ModeWarn:
			return fmt.Sprintf("would be refused if policy %s were enforced; it warns", object.Policy)
		case v1alpha1.ModeAudit:
			return fmt.Sprintf("would be refused if policy %s were enforced; it audits", object.Policy)
		default:
			return "refused by policy " + object.Policy
		}
	case lint.Untouched:
		return "not for Windows"
	case lint.NoPolicy:
		return "no policy is for it"
	default:
		return "its namespace is exempt"
	}
}

// worst is the worst severity of an object's findings; empty where it has none.
func worst(object *lint.Object) lint.Severity {
	var worst lint.Severity
	for _, severity := range []lint.Severity{lint.Info, lint.Warning, lint.Error} {
		if slices.ContainsFunc(object.Findings, func(f lint.Finding) bool { return f.Severity == severity }) {
			worst = severity
		}
	}
	return worst
}

func markOf(object *lint.Object) (string, terminal.Style) {
	severity := worst(object)
	switch {
	case severity == lint.Error:
		return "✗", terminal.Red
	case severity != "":
		return "!", styleOf(severity)
	case object.Verdict == lint.Placed:
		return "✓", terminal.Green
	default:
		return "·", terminal.Dim
	}
}

func styleOf(severity lint.Severity) terminal.Style {
	switch severity {
	case lint.Error:
		return terminal.Red
	case lint.Warning:
		return terminal.Yellow
	default:
		return terminal.Dim
	}
}

func describeBuild(name string) string {
	build, err := policy.ParseBuild(name)
	if err != nil {
		return name
	}
	return build.Describe()
}

func describeBuilds(names []string) string {
	described := make([]string, len(names))
	for i, name := range names {
		described[i] = describeBuild(name)
	}
	return strings.Join(described, ", ")
}
