package cluster

import (
	"fmt"
	"strings"
)

// ForbiddenError says that the user lacks a right, and how an administrator grants it.
type ForbiddenError struct {
	Attempt Attempt
	// Err is the answer of the API server.
	Err error
}

// Error is the answer and the commands that grant the right.
func (e *ForbiddenError) Error() string {
	return fmt.Sprintf("you may not %s: %v\nAn administrator grants it with\n%s", e.Attempt, e.Err, e.Attempt.grant())
}

// Unwrap returns the answer of the API server.
func (e *ForbiddenError) Unwrap() error { return e.Err }

// grant is the commands that grant the right to an attempt, one a line.
func (a Attempt) grant() string {
	name := "mullion-" + a.Verb + "-" + a.Resource.Resource
	role, scope := "clusterrole", ""
	if a.Namespace != "" {
		role, scope = "role", " --namespace="+a.Namespace
	}
	lines := []string{
		fmt.Sprintf("  kubectl create %s %s --verb=%s --resource=%s%s", role, name, a.Verb, a.Resource, scope),
		fmt.Sprintf("  kubectl create %sbinding %s --%s=%s --user=<user>%s", role, name, role, name, scope),
	}
	return strings.Join(lines, "\n")
}
