package lint

import (
	"cmp"
	"slices"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Report is what was found, sorted by file and line.
type Report struct {
	// Policies are the names of the policies, in order of precedence, and Builds the builds that are assumed to
	// have nodes.
	Policies []string `json:"policies"`
	Builds   []string `json:"builds"`
	// Objects are the pods, and the objects that make pods.
	Objects []Object `json:"objects"`
	// Skipped is what is not known to make pods, and Problems what could not be judged.
	Skipped  []Note `json:"skipped"`
	Problems []Note `json:"problems"`
}

// Note is something about a place in a file.
type Note struct {
	File string `json:"file"`
	// Line is counted from 1; zero stands for the file as a whole.
	Line int `json:"line,omitempty"`
	// Kind is the kind of the object that was skipped, with its group; empty where it is no object.
	Kind    string `json:"kind,omitempty"`
	Message string `json:"message"`
}

// Object is a pod, or an object that makes pods, and what would become of them.
type Object struct {
	File string `json:"file"`
	// Line is the one on which the object begins.
	Line       int    `json:"line"`
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Namespace  string `json:"namespace"`
	Name       string `json:"name"`
	// Verdict is what would become of the pods.
	Verdict Verdict `json:"verdict"`
	// Policy is the one in force and Mode its mode; empty where none is.
	Policy string        `json:"policy,omitempty"`
	Mode   v1alpha1.Mode `json:"mode,omitempty"`
	// Build is the one that pods are placed on, for Placed.
	Build    string    `json:"build,omitempty"`
	Findings []Finding `json:"findings,omitempty"`
}

// Verdict is what would become of an object's pods.
type Verdict string

// Verdicts.
const (
	// Placed: the pods run on a build.
	Placed Verdict = "Placed"
	// Refused: no build can run the pods. What happens then is for the policy's mode to say.
	Refused Verdict = "Refused"
	// Untouched: the pods are not for Windows, or do not say so.
	Untouched Verdict = "Untouched"
	// NoPolicy: no policy is for pods like these.
	NoPolicy Verdict = "NoPolicy"
	// Exempt: the webhook is not shown the pods of this namespace.
	Exempt Verdict = "Exempt"
)

// Severity is how bad a finding is.
type Severity string

// Severities.
const (
	// Error: the pods are refused.
	Error Severity = "error"
	// Warning: the pods are admitted, and something should be known about them; or they would be refused by a
	// policy that only warns.
	Warning Severity = "warning"
	// Info: the pods would be refused by a policy that only audits, so that nobody is told.
	Info Severity = "info"
)

// rank orders severities, the worst last.
func (s Severity) rank() int { return slices.Index([]Severity{Info, Warning, Error}, s) }

// AtLeast tells whether the severity is as bad as another.
func (s Severity) AtLeast(other Severity) bool { return s.rank() >= other.rank() }

// Finding is one thing to tell whoever wrote an object.
type Finding struct {
	Severity Severity      `json:"severity"`
	Reason   policy.Reason `json:"reason"`
	// Field is the path of the field at fault within the object; empty where no single field is.
	Field string `json:"field,omitempty"`
	// Line is the field's, or that of the nearest parent that is there.
	Line int `json:"line"`
	// Problem, Context and Fix are as in [policy.Finding], and Message is what the webhook makes of them.
	Problem string `json:"problem"`
	Context string `json:"context,omitempty"`
	Fix     string `json:"fix,omitempty"`
	Message string `json:"message"`
}

// Count is how many objects have a verdict.
func (r *Report) Count(verdict Verdict) int {
	count := 0
	for i := range r.Objects {
		if r.Objects[i].Verdict == verdict {
			count++
		}
	}
	return count
}

// CountFindings is how many findings there are of a severity.
func (r *Report) CountFindings(severity Severity) int {
	count := 0
	for i := range r.Objects {
		for k := range r.Objects[i].Findings {
			if r.Objects[i].Findings[k].Severity == severity {
				count++
			}
		}
	}
	return count
}

// Fails tells whether there is a finding at least as bad as the severity.
func (r *Report) Fails(at Severity) bool {
	for i := range r.Objects {
		for k := range r.Objects[i].Findings {
			if r.Objects[i].Findings[k].Severity.AtLeast(at) {
				return true
			}
		}
	}
	return false
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Objects, func(a, b Object) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	for _, notes := range [][]Note{r.Skipped, r.Problems} {
		slices.SortStableFunc(notes, func(a, b Note) int {
			return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
		})
	}
}
