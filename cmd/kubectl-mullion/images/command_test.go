package images

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/image/imagefile"
	"github.com/mullion-dev/mullion/test/registry"
)

var update = flag.Bool("update", false, "write the golden files anew")

// standIn is what golden files have in the place of the test registry's address, which is as long.
const standIn = "registry.test:1"

// outcome is how the command ended and what it wrote.
type outcome struct {
	err         error
	out, errOut string
}

// session is a test registry and a user who has never logged in anywhere.
type session struct {
	registry *registry.Registry
}

func newSession(t *testing.T) *session {
	t.Helper()
	r, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.PushCatalog(t.Context(), registry.Catalog()); err != nil {
		t.Fatal(err)
	}
	if len(r.Host()) != len(standIn) {
		t.Fatalf("the registry's address %s has another length than %s", r.Host(), standIn)
	}
	t.Setenv("HOME", t.TempDir())
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	return &session{r}
}

// execute runs the command with the test registry in the place of its stand-in, and the other way round in what it
// writes.
func (s *session) execute(t *testing.T, stdin string, args ...string) outcome {
	t.Helper()
	streams, in, out, errOut := genericiooptions.NewTestIOStreams()
	in.WriteString(strings.ReplaceAll(stdin, standIn, s.registry.Host()))
	cmd := NewCommand(streams)
	all := []string{"--insecure-registries", s.registry.Host()}
	for _, arg := range args {
		all = append(all, strings.ReplaceAll(arg, standIn, s.registry.Host()))
	}
	cmd.SetArgs(all)
	cmd.SetOut(out)
	cmd.SetErr(errOut)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(t.Context())
	return outcome{
		err, strings.ReplaceAll(out.String(), s.registry.Host(), standIn),
		strings.ReplaceAll(errOut.String(), s.registry.Host(), standIn),
	}
}

// expectGolden compares text with a file in testdata; the test's flag -update writes it anew.
func expectGolden(t *testing.T, name, got string) {
	t.Helper()
	file := "testdata/" + name
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

// catalogue names one image of each sort.
func catalogue() []string {
	return []string{
		standIn + "/windows/servercore:ltsc2019", standIn + "/windows/servercore:ltsc2022",
		standIn + "/powershell:nanoserver-ltsc2022", standIn + "/dotnet/aspnet:8.0", standIn + "/library/nginx:1.29",
		standIn + "/oss/kubernetes/windows-host-process-containers-base-image:v1.0.0",
	}
}

func TestEveryOutputIsAsReviewed(t *testing.T) {
	s := newSession(t)
	for golden, args := range map[string][]string{
		"table.txt":   catalogue(),
		"wide.txt":    append(catalogue(), "-o", "wide"),
		"images.json": append(catalogue(), "-o", "json"),
		"images.yaml": append(catalogue(), "-o", "yaml"),
		"policy.txt":  append(catalogue(), "--policy", "testdata/policy.yaml"),
		"help.txt":    {"--help"},
	} {
		t.Run(golden, func(t *testing.T) {
			got := s.execute(t, "", args...)
			if got.err != nil || got.errOut != "" {
				t.Errorf("it ended with %v, error output %q", got.err, got.errOut)
			}
			expectGolden(t, golden, got.out)
		})
	}
}

func TestAnImageThatCannotBeReadDoesNotHideTheOthers(t *testing.T) {
	s := newSession(t)
	for _, format := range formats() {
		got := s.execute(t, "", standIn+"/none:1", standIn+"/windows/nanoserver:1809", "-o", format)
		if !errors.Is(got.err, exit.ErrFindings) || !strings.HasPrefix(got.errOut, "error: "+standIn+"/none:1: ") {
			t.Errorf("%s: it ended with %v, error output %q", format, got.err, got.errOut)
		}
		expectGolden(t, "missing-"+format+".txt", got.out)
	}
}

func TestTheDocumentationShowsWhatIsPrinted(t *testing.T) {
	s := newSession(t)
	got := s.execute(t, "", standIn+"/windows/servercore:ltsc2022", standIn+"/dotnet/aspnet:8.0", standIn+"/library/nginx:1.29", standIn+"/none:1")
	page, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	if shown := got.out + got.errOut; !strings.Contains(string(page), shown) {
		t.Errorf("docs/cli.md does not show\n%s", shown)
	}
}

func TestWhatIsPrintedCanBeLintedWith(t *testing.T) {
	s := newSession(t)
	for _, format := range []string{formatJSON, formatYAML} {
		images, err := imagefile.Decode([]byte(s.execute(t, "", append(catalogue(), standIn+"/none:1", "-o", format)...).out))
		if err != nil {
			t.Fatal(err)
		}
		for _, reference := range append(catalogue(), standIn+"/none:1") {
			if _, known := images.Result(reference); !known {
				t.Errorf("%s: %s is not known", format, reference)
			}
		}
	}
}

func TestImagesOfManifestsAreInspectedOnce(t *testing.T) {
	s := newSession(t)
	const manifests = `apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
      - image: ` + standIn + `/windows/servercore:ltsc2022
      containers:
      - image: ` + standIn + `/windows/nanoserver:ltsc2022
      - image: ` + standIn + `/windows/servercore:ltsc2022
      - name: without
---
apiVersion: v1
kind: ConfigMap
`
	got := s.execute(t, manifests, "-f", "-", standIn+"/library/nginx:1.29")
	var found []string
	for _, line := range strings.Split(got.out, "\n")[1:] {
		if name, _, ok := strings.Cut(line, " "); ok {
			found = append(found, strings.TrimPrefix(name, standIn))
		}
	}
	want := []string{"/library/nginx:1.29", "/windows/nanoserver:ltsc2022", "/windows/servercore:ltsc2022"}
	if diff := cmp.Diff(want, found); diff != "" || got.err != nil {
		t.Errorf("%v (-want +got):\n%s", got.err, diff)
	}
}

func TestWhatIsWrongIsSaid(t *testing.T) {
	s := newSession(t)
	const image = standIn + "/windows/nanoserver:1809"
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing to inspect":                 {nil, "name the images to inspect"},
		"an unknown format":                  {[]string{image, "-o", "xml"}, `-o: "xml" is none of table, wide, json, yaml`},
		"a policy file that is missing":      {[]string{image, "--policy", "none.yaml"}, "--policy: none.yaml: no such file or directory"},
		"a file without a policy":            {[]string{image, "--policy", "testdata/images.yaml"}, "testdata/images.yaml has 0 policies, and one is needed"},
		"a policy that is wrong":             {[]string{image, "--policy", "../lint/testdata/wrong.yaml"}, `unknown field "spec.builds[1].stat"`},
		"a policy without builds":            {[]string{image, "--policy", "testdata/empty.yaml"}, "--policy: testdata/empty.yaml: spec.builds: a policy needs at least one build"},
		"manifests that cannot be read":      {[]string{image, "-f", "none.yaml"}, "some manifests could not be read"},
		"an object that cannot be read":      {[]string{image, "-f", "testdata/misfit.yaml"}, "some manifests could not be read"},
		"certificates that cannot be read":   {[]string{image, "--registry-ca-file", "none.pem"}, "reading --registry-ca-file"},
		"no time to wait, and another fault": {[]string{"--registry-timeout", "0s"}, "--registry-timeout: must be positive\nname the images"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := s.execute(t, "", c.args...)
			if exit.Code(got.err) != exit.Failure || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("got %v, want %q", got.err, c.want)
			}
		})
	}
}
