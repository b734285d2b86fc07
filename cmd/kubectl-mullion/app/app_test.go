package app

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/pkg/version"
)

var update = flag.Bool("update", false, "write the golden files anew")

// run runs the plugin and returns its exit code and what it wrote to its output and its error output.
func run(t *testing.T, args ...string) (int, string, string) {
	t.Helper()
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	code := Run(t.Context(), args, streams)
	return code, out.String(), errOut.String()
}

func TestTheHelpIsAsReviewed(t *testing.T) {
	code, got, complaint := run(t, "kubectl-mullion", "--help")
	if code != 0 || complaint != "" {
		t.Fatalf("exit code %d, error output %q", code, complaint)
	}
	const golden = "testdata/help.txt"
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

func TestTheVersionIsShown(t *testing.T) {
	for _, how := range []string{"version", "--version"} {
		if code, got, _ := run(t, "kubectl-mullion", how); code != 0 || !strings.Contains(got, version.Get().String()) {
			t.Errorf("%s: exit code %d, %q", how, code, got)
		}
	}
}

func TestWhatIsWrongWithTheArgumentsIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"an unknown subcommand":  {[]string{"lnit"}, `error: unknown command "lnit" for "kubectl mullion"`},
		"an unknown flag":        {[]string{"version", "--loud"}, "See 'kubectl mullion version --help'"},
		"an argument of version": {[]string{"version", "2"}, "error: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, got := run(t, append([]string{"kubectl-mullion"}, c.args...)...)
			if code != 2 || !strings.Contains(got, c.want) {
				t.Errorf("exit code %d, %q, want %q", code, got, c.want)
			}
		})
	}
}

func TestUnderTheCompletersNameArgumentsAreCompleted(t *testing.T) {
	for _, name := range []string{"/usr/local/bin/kubectl_complete-mullion", "kubectl_complete-mullion.exe"} {
		code, got, _ := run(t, name, "ver")
		if code != 0 || !strings.Contains(got, "version\t") {
			t.Errorf("%s: exit code %d, %q", name, code, got)
		}
	}
}

func TestAProcessWithoutANameIsShownTheHelp(t *testing.T) {
	if code, got, _ := run(t); code != 0 || !strings.Contains(got, "Usage:") {
		t.Errorf("exit code %d, %q", code, got)
	}
}
