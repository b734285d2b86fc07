// Package commandtest holds what the tests of all commands have in common.
package commandtest

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/mullion-dev/mullion/pkg/version"
)

var update = flag.Bool("update", false, "write the golden files anew") //nolint:gochecknoglobals // A flag of the test binary.

// Execute runs a command until it ends by itself, and returns what it writes.
func Execute(t *testing.T, cmd *cobra.Command, args ...string) (string, error) {
	t.Helper()
	var output bytes.Buffer
	cmd.SetArgs(append([]string{}, args...)) // Not nil, which would stand for those of the test.
	cmd.SetOut(&output)
	cmd.SetErr(&output)
	err := cmd.ExecuteContext(t.Context())
	return output.String(), err
}

// ExpectHelp compares a command's help with the golden file testdata/help.txt; the test's flag -update writes it
// anew.
func ExpectHelp(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	const golden = "testdata/help.txt"
	got, err := Execute(t, cmd, "--help")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the help differs; go test with -update writes it anew (-want +got):\n%s", diff)
	}
}

// ExpectVersion checks that a command shows its version.
func ExpectVersion(t *testing.T, cmd *cobra.Command) {
	t.Helper()
	got, err := Execute(t, cmd, "--version")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, version.Get().String()) {
		t.Errorf("got %q", got)
	}
}
