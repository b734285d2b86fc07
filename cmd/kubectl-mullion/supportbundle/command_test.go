package supportbundle

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

func TestTheHelpIsAsReviewed(t *testing.T) {
	commandtest.Isolate(t)
	commandtest.Golden(t, "help.txt", strings.ReplaceAll(run(t.Context(), "--help").out, os.Getenv("KUBECACHEDIR"), "~/.kube/cache"))
}

func TestWithoutAnAnswerThereIsNoArchive(t *testing.T) {
	existing := filepath.Join(t.TempDir(), "existing")
	if err := os.WriteFile(existing, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"an archive that is there":       {[]string{"-o", existing}, "is there already"},
		"a folder that is not there":     {[]string{"-o", filepath.Join(t.TempDir(), "none", "x")}, "--output: "},
		"no time":                        {[]string{"--timeout", "0s"}, "--timeout: "},
		"fewer lines than none":          {[]string{"--log-lines=-1"}, "--log-lines: "},
		"no room":                        {[]string{"--max-size", "0"}, "--max-size: "},
		"a cluster that is out of reach": {[]string{"--server", "http://127.0.0.1:1"}, "refuses connections"},
		"an argument":                    {[]string{"please"}, "please"},
	} {
		t.Run(sentence, func(t *testing.T) {
			t.Chdir(t.TempDir())
			serve(t, nil)
			got := run(t.Context(), c.args...)
			if got.code != exit.Failure || !strings.Contains(got.err.Error(), c.want) {
				t.Errorf("exit code %d: %v, want %q", got.code, got.err, c.want)
			}
			if files, err := os.ReadDir("."); err != nil || len(files) > 0 {
				t.Errorf("files are left: %v, %v", files, err)
			}
		})
	}
	if content, err := os.ReadFile(existing); err != nil || string(content) != "precious" {
		t.Errorf("the file that was there has %q: %v", content, err)
	}
}

func TestTheArchiveIsNamedAfterTheTimeAndNobodyElseMayReadIt(t *testing.T) {
	t.Chdir(t.TempDir())
	serve(t, nil)
	if got := run(t.Context()); got.code != exit.OK || !strings.Contains(got.out, " files are in mullion-support-20261122T120000Z.tar.gz.") {
		t.Errorf("exit code %d: %v, %q", got.code, got.err, got.out)
	}
	info, err := os.Stat("mullion-support-20261122T120000Z.tar.gz")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

func TestTheArchiveMayGoToTheStandardOutput(t *testing.T) {
	serve(t, nil)
	got := run(t.Context(), "-o", "-")
	if files, _ := unpack(t, []byte(got.out)); got.code != exit.OK || len(files) < 5 {
		t.Errorf("exit code %d, %d files: %v", got.code, len(files), got.err)
	}
}

func TestMullionMayBeInAnotherNamespace(t *testing.T) {
	var asked []string
	serve(t, map[string]http.HandlerFunc{"/api/v1/namespaces/windows/pods": func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		commandtest.Write(w, http.StatusOK, &metav1.List{TypeMeta: metav1.TypeMeta{Kind: "PodList", APIVersion: "v1"}})
	}})
	_, _, manifest := gathered(t, "-n", "windows")
	if len(asked) != 1 || manifest.Namespace != "windows" {
		t.Errorf("asked for %v, namespace %s", asked, manifest.Namespace)
	}
}

// broken fails as a full disk does.
type broken struct{}

var errBroken = errors.New("no space left on device")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestAnArchiveThatCannotBeWrittenIsAnError(t *testing.T) {
	a := newArchive(broken{}, 1<<20, noon())
	big := make([]byte, 1<<20)
	for i := range big {
		big[i] = byte(i * i >> 3)
	}
	err := errors.Join(a.add("x", big), a.close())
	if !errors.Is(err, errBroken) || !errors.As(err, new(*writeError)) {
		t.Errorf("got %v", err)
	}
}

func TestANamespaceWithoutMullionIsNotAnsweredWithAnArchiveThatSeemsComplete(t *testing.T) {
	serve(t, nil)
	got := run(t.Context(), "-n", "elsewhere", "-o", "-")
	if want := "not gathered: logs: there are no pods in namespace elsewhere"; got.code != exit.Findings || !strings.Contains(got.errOut, want) {
		t.Errorf("exit code %d without %q: %s", got.code, want, got.errOut)
	}
}
