// Package lacking is for tests of what a machine may be unable to have: Windows hosts, OpenSSH, a port that needs root.
package lacking

import (
	"os"
	"testing"
)

// Refused names the environment variable that, set to anything, fails tests rather than skip them. A machine that was set up
// to have everything sets it, so that what it cannot have after all is noticed.
const Refused = "MULLION_NO_SKIPS"

// Skip ends a test that the machine cannot run, for a reason that lies in the machine alone.
func Skip(t testing.TB, reason error) {
	t.Helper()
	if os.Getenv(Refused) != "" {
		t.Fatalf("%s is set, and this machine lacks what the test needs: %v", Refused, reason)
	}
	t.Skip(reason)
}
