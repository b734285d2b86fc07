// Package exit is what the plugin's exit codes mean. They are the same for every subcommand, so that a script can
// tell the answer no from no answer.
package exit

import "errors"

// Exit codes.
const (
	// OK: the question was answered, and there is nothing to object to.
	OK = 0
	// Findings: the question was answered, and the answer is no. What is wrong has been printed.
	Findings = 1
	// Failure: the question could not be answered: a flag is wrong, a file unreadable, the cluster out of reach.
	Failure = 2
)

// ErrFindings ends a subcommand that has printed what it found to object to. Nothing more is printed about it.
var ErrFindings = errors.New("there are findings")

// Code is the exit code for the error that a subcommand ended with. An error that says more than ErrFindings is a
// failure, even if there are findings as well.
func Code(err error) int {
	switch {
	case err == nil:
		return OK
	case err == ErrFindings: //nolint:errorlint // Joined with another error it is a failure.
		return Findings
	default:
		return Failure
	}
}
