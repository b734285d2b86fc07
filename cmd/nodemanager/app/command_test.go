package app

import (
	"bytes"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mullion-dev/mullion/pkg/version"
)

var update = flag.Bool("update", false, "write the golden files anew")

// execute runs the command until it ends by itself, and returns what it writes.
func execute(t *testing.T, args ...string) (string, error) {
	t.Helper()
	var output bytes.Buffer
	cmd := NewCommand()
	cmd.SetArgs(append([]string{}, args...)) // Not nil, which would stand for those of the test.
	cmd.SetOut(&output)
	cmd.SetErr(&output)
	err := cmd.ExecuteContext(t.Context())
	return output.String(), err
}

func TestTheHelpIsAsReviewed(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "")
	const golden = "testdata/help.txt"
	got, err := execute(t, "--help")
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
		t.Errorf("go test ./cmd/nodemanager/app -update writes it anew (-want +got):\n%s", diff)
	}
}

func TestTheVersionIsShown(t *testing.T) {
	got, err := execute(t, "--version")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got, version.Get().String()) {
		t.Errorf("got %q", got)
	}
}

func TestWrongFlagsAreRefusedByName(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no namespace for the Lease":   {nil, "--namespace: required with --leader-elect"},
		"an address without a port":    {[]string{"--leader-elect=false", "--metrics-bind-address=localhost"}, "--metrics-bind-address: "},
		"an unknown log level":         {[]string{"--leader-elect=false", "--log-level=loud"}, "--log-level: "},
		"several faults are all named": {[]string{"--health-probe-bind-address=x", "--log-format=xml"}, "--namespace: "},
		"an unknown flag":              {[]string{"--nonsense"}, "--nonsense"},
		"an argument":                  {[]string{"nonsense"}, "nonsense"},
		"a kubeconfig that is missing": {[]string{"--leader-elect=false", "--kubeconfig=testdata/none"}, "reading how to reach the cluster: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("POD_NAMESPACE", "")
			_, err := execute(t, test.args...)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want an error that names %q", err, test.want)
			}
		})
	}
}

func TestThePodsNamespaceIsTheDefault(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "mullion-system")
	if err := newOptions().validate(); err != nil {
		t.Error(err)
	}
}
