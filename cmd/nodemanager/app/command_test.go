package app

import (
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/cmd/internal/command/commandtest"
)

func TestTheHelpIsAsReviewed(t *testing.T) {
	t.Setenv("POD_NAMESPACE", "")
	commandtest.ExpectHelp(t, NewCommand())
}

func TestTheVersionIsShown(t *testing.T) { commandtest.ExpectVersion(t, NewCommand()) }

func TestWrongFlagsAreRefusedByName(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no namespace for the Lease":   {nil, "--namespace: required with --leader-elect"},
		"an address without a port":    {[]string{"--leader-elect=false", "--metrics-bind-address=localhost"}, "--metrics-bind-address: "},
		"a negative interval":          {[]string{"--leader-elect=false", "--workload-interval=-1s"}, "--workload-interval: "},
		"no room for images":           {[]string{"--leader-elect=false", "--max-images=0"}, "--max-images: "},
		"an unknown log level":         {[]string{"--leader-elect=false", "--log-level=loud"}, "--log-level: "},
		"several faults are all named": {[]string{"--health-probe-bind-address=x", "--log-format=xml"}, "--namespace: "},
		"an unknown flag":              {[]string{"--nonsense"}, "--nonsense"},
		"an argument":                  {[]string{"nonsense"}, "nonsense"},
		"a kubeconfig that is missing": {[]string{"--leader-elect=false", "--kubeconfig=testdata/none"}, "reading how to reach the cluster: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("POD_NAMESPACE", "")
			_, err := commandtest.Execute(t, NewCommand(), test.args...)
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
