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
	const namespace = "--namespace=mullion-system"
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"no namespace for the authority":         {nil, "--namespace: required with --cert-source=authority"},
		"an address without a port":              {[]string{namespace, "--webhook-bind-address=localhost"}, "--webhook-bind-address: "},
		"a port that is no number":               {[]string{namespace, "--webhook-bind-address=:https"}, "--webhook-bind-address: "},
		"files that are not named":               {[]string{"--cert-source=files"}, "--tls-cert-file, --tls-key-file: both are required"},
		"an unknown source of the certificate":   {[]string{"--cert-source=hope"}, "--cert-source: "},
		"a budget of nothing":                    {[]string{namespace, "--registry-budget=0s"}, "--registry-budget: "},
		"a look-up shorter than its budget":      {[]string{namespace, "--registry-timeout=1s"}, "--registry-timeout: "},
		"no room for images":                     {[]string{namespace, "--max-images=0"}, "--max-images: "},
		"a negative number of reviews":           {[]string{namespace, "--max-in-flight=-1"}, "--max-in-flight: "},
		"a policy API without a port":            {[]string{namespace, "--policy-api-bind-address=localhost"}, "--policy-api-bind-address: "},
		"aggregated admission without its API":   {[]string{namespace, "--policy-api-bind-address=0", "--aggregated-admission"}, "--aggregated-admission: "},
		"a negative number of requests":          {[]string{namespace, "--policy-api-max-in-flight=-1"}, "--policy-api-max-in-flight: "},
		"an unknown log format":                  {[]string{namespace, "--log-format=xml"}, "--log-format: "},
		"several faults, of which all are named": {[]string{"--max-images=0", "--log-level=loud"}, "--max-images: "},
		"an argument":                            {[]string{"nonsense"}, "nonsense"},
		"a kubeconfig that is missing":           {[]string{namespace, "--kubeconfig=testdata/none"}, "reading how to reach the cluster: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Setenv("POD_NAMESPACE", "")
			_, err := commandtest.Execute(t, NewCommand(), c.args...)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error that names %q", err, c.want)
			}
		})
	}
}
