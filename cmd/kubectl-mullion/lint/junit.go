package lint

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/mullion-dev/mullion/pkg/lint"
)

// The part of the JUnit format that continuous integration reads. There is no standard; this is what the schema of
// Jenkins' xUnit plugin and the readers of GitLab and GitHub have in common.
//
// Source: https://github.com/testmoapp/junitxml.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Name    string   `xml:"name,attr"`
		junitCounts
		Suites []*junitSuite `xml:"testsuite"`
	}

	junitSuite struct {
		Name string `xml:"name,attr"`
		junitCounts
		Cases []junitCase `xml:"testcase"`
	}

	junitCounts struct {
		Tests    int `xml:"tests,attr"`
		Failures int `xml:"failures,attr"`
		Errors   int `xml:"errors,attr"`
		Skipped  int `xml:"skipped,attr"`
	}

	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		File      string        `xml:"file,attr"`
		Line      int           `xml:"line,attr,omitempty"`
		Failure   *junitOutcome `xml:"failure"`
		Error     *junitOutcome `xml:"error"`
		Skipped   *junitOutcome `xml:"skipped"`
		Output    string        `xml:"system-out,omitempty"`
	}

	junitOutcome struct {
		Type    string `xml:"type,attr,omitempty"`
		Message string `xml:"message,attr"`
		Text    string `xml:",chardata"`
	}
)

// printJUnit writes a report in which each file is a suite and each object a test, which fails where it has a finding
// as bad as the severity. Findings that are not are its output.
func printJUnit(out io.Writer, report *lint.Report, failOn lint.Severity) error {
	suites := &junitSuites{Name: "kubectl mullion lint"}
	for i := range report.Objects {
		suites.add(caseOf(&report.Objects[i], failOn))
	}
	for _, problem := range report.Problems {
		suites.add(junitCase{
			Name: place(problem.File, problem.Line), ClassName: problem.File, File: problem.File, Line: problem.Line,
			Error: &junitOutcome{Type: "Unreadable", Message: problem.Message},
		})
	}
	text, err := xml.MarshalIndent(suites, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "%s%s\n", xml.Header, text)
	return err
}

func caseOf(object *lint.Object, failOn lint.Severity) junitCase {
	made := junitCase{
		Name: object.Kind + " " + nameOf(object), ClassName: object.File, File: object.File, Line: object.Line,
	}
	var failing, others []string
	for i := range object.Findings {
		f := &object.Findings[i]
		text := fmt.Sprintf("%s: %s: %s: %s", place(object.File, f.Line), f.Severity, f.Reason, f.Message)
		if !f.Severity.AtLeast(failOn) {
			others = append(others, text)
			continue
		}
		failing = append(failing, text)
		if made.Failure == nil {
			made.Failure = &junitOutcome{Type: string(f.Reason), Message: f.Message}
		}
	}
	if made.Failure != nil {
		made.Failure.Text = strings.Join(failing, "\n")
	}
	made.Output = strings.Join(others, "\n")
	if object.Verdict != lint.Placed && object.Verdict != lint.Refused {
		made.Skipped = &junitOutcome{Message: outcomeOf(object)}
	}
	return made
}

// add puts a test into the suite of its file.
func (s *junitSuites) add(c junitCase) {
	var suite *junitSuite
	for _, known := range s.Suites {
		if known.Name == c.File {
			suite = known
		}
	}
	if suite == nil {
		suite = &junitSuite{Name: c.File}
		s.Suites = append(s.Suites, suite)
	}
	suite.Cases = append(suite.Cases, c)
	suite.count(&c)
	s.count(&c)
}

func (n *junitCounts) count(c *junitCase) {
	n.Tests++
	switch {
	case c.Failure != nil:
		n.Failures++
	case c.Error != nil:
		n.Errors++
	case c.Skipped != nil:
		n.Skipped++
	}
}
