package supportbundle

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

// gathered runs the subcommand and unpacks what it has written.
func gathered(t *testing.T, args ...string) (result, map[string]string, Manifest) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bundle.tar.gz")
	got := run(t.Context(), append([]string{"-o", file}, args...)...)
	archive, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("there is no archive: %v; the command ended with %v", err, got.err)
	}
	files, manifest := unpack(t, archive)
	got.out = strings.ReplaceAll(got.out, file, "bundle.tar.gz")
	return got, files, manifest
}

func TestAnArchiveHasWhatThereIsAndNoSecrets(t *testing.T) {
	serve(t, nil)
	got, files, manifest := gathered(t)
	if got.code != exit.OK || got.errOut != "" {
		t.Errorf("exit code %d: %v, %s", got.code, got.err, got.errOut)
	}
	var listed []string
	for _, file := range manifest.Files {
		listed = append(listed, file.Path)
		if len(files[file.Path]) != file.Bytes {
			t.Errorf("%s has %d bytes, and not %d", file.Path, len(files[file.Path]), file.Bytes)
		}
	}
	want := []string{
		"objects/windowshosts.yaml", "objects/nodes.yaml", "objects/pods.yaml",
		"objects/certificatesigningrequests-client.yaml", "objects/certificatesigningrequests-serving.yaml",
		"objects/cluster-events.yaml", "objects/events.yaml", "objects/mutatingwebhookconfigurations.yaml",
		"objects/windows-instances.yaml", "objects/windowsbuildpolicies.yaml", "objects/windowsnodeconfigs.yaml",
		"logs/mullion-webhook-1/webhook.log", "logs/mullion-webhook-1/webhook.previous.log",
	}
	if diff := cmp.Diff(want, listed); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if len(files) != len(want)+1 {
		t.Errorf("%d files, and %d are listed beside the manifest", len(files), len(want))
	}
	for path, content := range files {
		for _, secret := range secrets() {
			if strings.Contains(content, secret) {
				t.Errorf("%s has %q:\n%s", path, secret, content)
			}
		}
		if strings.Contains(content, "last-applied-configuration") || strings.Contains(content, "managedFields") {
			t.Errorf("%s has what only machines read", path)
		}
	}
	if manifest.Redactions < 50 || manifest.Server != "v1.37.2" || manifest.Namespace != "mullion-system" || manifest.Plugin == "" {
		t.Errorf("the manifest says %+v", manifest)
	}
}

// Taking out too much would make the archive useless.
func TestWhatIsNoSecretStays(t *testing.T) {
	serve(t, nil)
	_, files, _ := gathered(t)
	for path, fragments := range map[string][]string{
		"objects/windowshosts.yaml":                       {"name: cloud-private-key", "address: 10.0.0.1", "connecting to http://[redacted]@proxy.example.com failed"},
		"objects/windowsnodeconfigs.yaml":                 {"http://[redacted]@proxy.example.com:3128"},
		"objects/pods.yaml":                               {"name: REGISTRY_PASSWORD", "- --password"},
		"objects/windows-instances.yaml":                  {"10.0.0.1: username=Administrator"},
		"objects/certificatesigningrequests-serving.yaml": {"username: system:bootstrap:07401b"},
		"objects/mutatingwebhookconfigurations.yaml":      {"caBundle: ", " bytes, SHA-256 "},
		"objects/cluster-events.yaml":                     {"name: win-1.2"},
		"logs/mullion-webhook-1/webhook.log":              {"2026-11-22T12:00:00Z started"},
		"logs/mullion-webhook-1/webhook.previous.log":     {"previous=true"},
	} {
		for _, fragment := range fragments {
			if !strings.Contains(files[path], fragment) {
				t.Errorf("%s lacks %q:\n%s", path, fragment, files[path])
			}
		}
	}
	if strings.Contains(files["objects/cluster-events.yaml"], "shop.1") {
		t.Error("events about what is not gathered are gathered")
	}
}

func TestWhatCannotBeReadIsNotedAndTheRestIsGathered(t *testing.T) {
	serve(t, map[string]http.HandlerFunc{
		"/api/v1/nodes": func(w http.ResponseWriter, _ *http.Request) {
			commandtest.Refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, `User "jane" with token: `+password+` may not`)
		},
		"/apis/mullion.dev/v1alpha1/windowsbuildpolicies": http.NotFound,
		"/api/v1/namespaces/mullion-system/pods/mullion-webhook-1/log": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Get("previous") == "true" {
				commandtest.Refuse(w, http.StatusBadRequest, metav1.StatusReasonBadRequest, "it is gone")
			}
		},
	})
	got, files, manifest := gathered(t)
	if got.code != exit.Findings {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	want := []Missing{
		{"nodes", `User "jane" with token: [redacted] may not`},
		{"windowsbuildpolicies.mullion.dev", "the server could not find the requested resource"},
		{"logs/mullion-webhook-1/webhook.previous.log", "it is gone"},
	}
	if diff := cmp.Diff(want, manifest.Missing); diff != "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
	if !strings.Contains(got.errOut, "not gathered: windowsbuildpolicies.mullion.dev: the server could not find") {
		t.Errorf("error output %q", got.errOut)
	}
	if files["objects/windowshosts.yaml"] == "" {
		t.Error("hosts are missing")
	}
}

func TestAnArchiveIsBounded(t *testing.T) {
	serve(t, map[string]http.HandlerFunc{
		"/api/v1/namespaces/mullion-system/pods/mullion-webhook-1/log": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(strings.Repeat("a line of a log that never ends\n", maxLog/16)))
		},
	})
	got, files, manifest := gathered(t, "--max-size", "5")
	if got.code != exit.Findings {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	last := manifest.Files[len(manifest.Files)-1]
	if last.Path != "logs/mullion-webhook-1/webhook.log" || last.Bytes > maxLog || last.Cut == "" {
		t.Errorf("the last file is %+v", last)
	}
	want := []Missing{{"logs/mullion-webhook-1/webhook.previous.log", errFull.Error()}}
	if diff := cmp.Diff(want, manifest.Missing); diff != "" || files["manifest.json"] == "" {
		t.Errorf("missing (-want +got):\n%s", diff)
	}
}

func TestWhatTakesTooLongIsNoted(t *testing.T) {
	serve(t, map[string]http.HandlerFunc{"/api/v1/namespaces/mullion-system/services": commandtest.Stall})
	got, files, manifest := gathered(t, "--timeout", "2s")
	if got.code != exit.Findings {
		t.Errorf("exit code %d: %v", got.code, got.err)
	}
	missing := map[string]string{}
	for _, m := range manifest.Missing {
		missing[m.What] = m.Why
	}
	if why := missing["services in namespace mullion-system"]; !strings.Contains(why, "deadline") {
		t.Errorf("why services are missing: %q, of %+v", why, manifest.Missing)
	}
	// A slow machine may not come to the others in time, either.
	if _, said := missing["windowshosts.mullion.dev"]; !said && files["objects/windowshosts.yaml"] == "" {
		t.Errorf("hosts are neither gathered nor missing: %+v", manifest.Missing)
	}
}

func TestTheDocumentationShowsWhatIsPrinted(t *testing.T) {
	serve(t, nil)
	got, _, _ := gathered(t)
	page, err := os.ReadFile("../../../docs/cli.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), got.out) {
		t.Errorf("docs/cli.md does not show\n%s", got.out)
	}
}
