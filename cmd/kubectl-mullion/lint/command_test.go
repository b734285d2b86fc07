package lint

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/version"
)

var update = flag.Bool("update", false, "write the golden files anew")

// outcome is how the command ended and what it wrote.
type outcome struct {
	err         error
	out, errOut string
}

// execute runs the command in the directory testdata.
func execute(ctx context.Context, stdin string, args ...string) outcome {
	streams, in, out, errOut := genericiooptions.NewTestIOStreams()
	in.WriteString(stdin)
	cmd := NewCommand(streams)
	cmd.SetArgs(args)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(ctx)
	return outcome{err, out.String(), errOut.String()}
}

// expectGolden compares text with a file in testdata; the test's flag -update writes it anew.
func expectGolden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs; go test with -update writes it anew (-want +got):\n%s", file, diff)
	}
}

func TestEveryOutputIsAsReviewed(t *testing.T) {
	t.Chdir("testdata")
	shop := []string{"-f", "shop", "--policy", "policy.yaml", "--offline-images", "images.yaml"}
	broken := []string{"-f", "broken.yaml", "--policy", "policy.yaml", "--offline"}
	for golden, c := range map[string]struct {
		args []string
		code int
	}{
		"shop.txt":           {shop, exit.Findings},
		"shop-quiet.txt":     {append(shop[:len(shop):len(shop)], "-q"), exit.Findings},
		"shop-2025-only.txt": {append(shop[:len(shop):len(shop)], "--builds=10.0.26100"), exit.Findings},
		"shop-warn.txt":      {[]string{"-f", "shop", "--policy", "warn.yaml", "--offline-images", "images.yaml"}, exit.OK},
		"shop-audit.txt":     {[]string{"-f", "shop", "--policy", "audit.yaml", "--offline-images", "images.yaml"}, exit.OK},
		"shop.json":          {append(shop[:len(shop):len(shop)], "-o", "json"), exit.Findings},
		"shop.xml":           {append(shop[:len(shop):len(shop)], "-o", "junit"), exit.Findings},
		"shop-strict.xml":    {append(shop[:len(shop):len(shop)], "-o", "junit", "--fail-on=warning"), exit.Findings},
		"shop.sarif":         {append(shop[:len(shop):len(shop)], "-o", "sarif"), exit.Findings},
		"broken.txt":         {broken, exit.Failure},
		"broken-quiet.txt":   {append(broken[:len(broken):len(broken)], "-q"), exit.Failure},
		"broken.json":        {append(broken[:len(broken):len(broken)], "-o", "json"), exit.Failure},
		"broken.xml":         {append(broken[:len(broken):len(broken)], "-o", "junit"), exit.Failure},
		"broken.sarif":       {append(broken[:len(broken):len(broken)], "-o", "sarif"), exit.Failure},
		"help.txt":           {[]string{"--help"}, exit.OK},
	} {
		t.Run(golden, func(t *testing.T) {
			got := execute(t.Context(), "", c.args...)
			if exit.Code(got.err) != c.code {
				t.Errorf("it ended with %v, want exit code %d", got.err, c.code)
			}
			if (got.errOut != "") != (c.code == exit.Failure) {
				t.Errorf("error output: %q", got.errOut)
			}
			expectGolden(t, golden, strings.ReplaceAll(got.out, version.Get().Version, "(devel)"))
			if again := execute(t.Context(), "", c.args...); again.out != got.out {
				t.Errorf("a second time it is different:\n%s", again.out)
			}
		})
	}
}

func TestTheDocumentationShowsWhatIsPrinted(t *testing.T) {
	page, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, golden := range []string{"testdata/shop.txt", "testdata/broken-quiet.txt"} {
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(page), string(want)) {
			t.Errorf("docs/cli.md does not show %s", golden)
		}
	}
}

func TestMachinesCanReadWhatIsForThem(t *testing.T) {
	t.Chdir("testdata")
	for format, read := range map[string]func([]byte) error{
		"json":  func(data []byte) error { return json.Unmarshal(data, new(any)) },
		"sarif": func(data []byte) error { return json.Unmarshal(data, new(any)) },
		"junit": func(data []byte) error { return xml.Unmarshal(data, new(junitSuites)) },
	} {
		got := execute(t.Context(), "", "-f", "shop", "--policy", "policy.yaml", "--offline", "-o", format)
		if err := read([]byte(got.out)); err != nil {
			t.Errorf("%s: %v in\n%s", format, err, got.out)
		}
	}
}

func TestThePartsOfSARIFBelongTogether(t *testing.T) {
	t.Chdir("testdata")
	got := execute(t.Context(), "", "-f", "shop", "--policy", "policy.yaml", "--offline-images", "images.yaml", "-o", "sarif")
	var log sarifLog
	decoder := json.NewDecoder(strings.NewReader(got.out))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&log); err != nil {
		t.Fatal(err)
	}
	run := log.Runs[0]
	if log.Version != "2.1.0" || len(run.Results) == 0 {
		t.Fatalf("%+v", log)
	}
	for _, result := range run.Results {
		if rule := run.Tool.Driver.Rules[result.RuleIndex]; rule.ID != result.RuleID || rule.ShortDescription.Text == "" {
			t.Errorf("%s: the rule is %+v", result.RuleID, rule)
		}
		at := result.Locations[0].Physical
		if at.Region == nil || at.Region.StartLine < 1 || strings.ContainsAny(at.Artifact.URI, `\ <`) {
			t.Errorf("%s: %+v", result.RuleID, at)
		}
	}
}

func TestPlacesOutsideOfTheDirectoryAreURIsToo(t *testing.T) {
	for file, want := range map[string]string{
		"a b/c.yaml": "a%20b/c.yaml", "/tmp/a.yaml": "file:///tmp/a.yaml", "../a.yaml": "../a.yaml", "<stdin>": "%3Cstdin%3E", "a:b.yaml": "./a:b.yaml",
	} {
		if got := locationOf(file, 1).Physical.Artifact.URI; got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}

func TestTheStandardInputIsRead(t *testing.T) {
	t.Chdir("testdata")
	manifests, err := os.ReadFile("shop/web.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got := execute(t.Context(), string(manifests), "-f", "-", "--policy", "policy.yaml", "--offline-images", "images.yaml")
	if !errors.Is(got.err, exit.ErrFindings) || !strings.Contains(got.out, "<stdin>:36: error: LinuxImage") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
}

func TestPoliciesAmongTheManifestsCountUnlessOthersAreNamed(t *testing.T) {
	t.Chdir("testdata")
	got := execute(t.Context(), "", "-f", "shop", "-f", "warn.yaml", "--offline")
	if got.err != nil || !strings.HasPrefix(got.out, "Policies: careful. ") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
	got = execute(t.Context(), "", "-f", "shop", "-f", "warn.yaml", "--policy", "policy.yaml", "--offline")
	if !strings.HasPrefix(got.out, "Policies: default. ") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
}

func TestTheExitCodeIsForTheWorstFinding(t *testing.T) {
	t.Chdir("testdata")
	for sentence, c := range map[string]struct {
		args []string
		want int
	}{
		"nothing refused":                     {[]string{"--policy", "warn.yaml"}, exit.OK},
		"warnings, where they are to fail":    {[]string{"--policy", "warn.yaml", "--fail-on=warning"}, exit.Findings},
		"an audit, even where warnings fail":  {[]string{"--policy", "audit.yaml", "--fail-on=warning"}, exit.OK},
		"something refused":                   {[]string{"--policy", "policy.yaml"}, exit.Findings},
		"something refused and one not there": {[]string{"--policy", "policy.yaml", "-f", "none.yaml"}, exit.Failure},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := execute(t.Context(), "", append([]string{"-f", "shop/web.yaml", "--offline-images", "images.yaml"}, c.args...)...)
			if exit.Code(got.err) != c.want {
				t.Errorf("it ended with %v, want %d", got.err, c.want)
			}
		})
	}
}

func TestWhatIsWrongWithTheArgumentsIsSaid(t *testing.T) {
	t.Chdir("testdata")
	shop := []string{"-f", "shop", "--policy", "policy.yaml", "--offline"}
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing to judge":               {nil, "-f: name what to judge"},
		"two standard inputs":            {[]string{"-f", "-", "--policy", "-"}, "-f, --policy: only one of them can be the standard input"},
		"a build that is none":           {append(shop[:len(shop):len(shop)], "--builds=ltsc2022"), `--builds: "ltsc2022" is not a Windows version`},
		"an unknown format":              {append(shop[:len(shop):len(shop)], "-o", "yaml"), `-o: "yaml" is none of text, json, junit or sarif`},
		"an unknown severity":            {append(shop[:len(shop):len(shop)], "--fail-on=info"), `--fail-on: "info" is neither error nor warning`},
		"no time for registries":         {append(shop[:len(shop):len(shop)], "--registry-timeout=0s"), "--registry-timeout: must be positive"},
		"no policy anywhere":             {[]string{"-f", "shop"}, "there is no WindowsBuildPolicy among the manifests"},
		"no manifests, nor a policy":     {[]string{"-f", "none.yaml"}, "or name a file that has one with --policy:\nnone.yaml: no such file or directory"},
		"no policy in the file":          {[]string{"-f", "shop", "--policy", "shop"}, "--policy: there is no WindowsBuildPolicy in it"},
		"a policy file that is missing":  {[]string{"-f", "shop", "--policy", "none.yaml"}, "reading policies:\nnone.yaml: no such file or directory"},
		"a policy that is wrong":         {[]string{"-f", "shop", "--policy", "wrong.yaml"}, "wrong.yaml:9: WindowsBuildPolicy default: unknown field"},
		"an image file that is missing":  {[]string{"-f", "shop", "--policy", "policy.yaml", "--offline-images", "none.yaml"}, "--offline-images: open none.yaml"},
		"an image file that is none":     {[]string{"-f", "shop", "--policy", "policy.yaml", "--offline-images", "policy.yaml"}, "--offline-images: policy.yaml: reading images: "},
		"an argument":                    {[]string{"shop"}, "unknown command"},
		"a file of certificates missing": {[]string{"-f", "shop", "--policy", "policy.yaml", "--registry-ca-file=none.pem"}, "reading --registry-ca-file"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := execute(t.Context(), "", c.args...)
			if got.err == nil || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("got %v, want %q", got.err, c.want)
			}
		})
	}
}

func TestBuildsThatNoPolicyListsAreNoted(t *testing.T) {
	t.Chdir("testdata")
	got := execute(t.Context(), "", "-f", "shop/web.yaml", "--policy", "policy.yaml", "--offline", "--builds=10.0.20348,10.0.1")
	if got.err != nil || got.errOut != "note: --builds: no policy lists 10.0.1\n" {
		t.Errorf("%v, %q", got.err, got.errOut)
	}
}

// full is a disk that takes no more.
type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestAReportThatCannotBeWrittenIsAFailure(t *testing.T) {
	t.Chdir("testdata")
	for _, format := range formats() {
		streams := genericiooptions.IOStreams{In: strings.NewReader(""), Out: full{}, ErrOut: full{}}
		cmd := NewCommand(streams)
		cmd.SilenceErrors, cmd.SilenceUsage = true, true
		cmd.SetArgs([]string{"-f", "shop", "--policy", "policy.yaml", "--offline", "-o", format})
		if err := cmd.ExecuteContext(t.Context()); !errors.Is(err, errFull) || exit.Code(err) != exit.Failure {
			t.Errorf("%s: %v", format, err)
		}
	}
}
