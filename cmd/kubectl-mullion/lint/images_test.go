package lint

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/test/registry"
)

// deployed writes a manifest of a Windows pod with an image and returns the arguments that lint it.
func deployed(t *testing.T, image string) []string {
	t.Helper()
	t.Setenv("DOCKER_CONFIG", t.TempDir())
	file := filepath.Join(t.TempDir(), "pod.yaml")
	pod := "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  os: {name: windows}\n  containers:\n  - image: " + image + "\n"
	if err := os.WriteFile(file, []byte(pod), 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{"-f", file, "--policy", "testdata/policy.yaml"}
}

func started(t *testing.T, o registry.Options) *registry.Registry {
	t.Helper()
	r, err := registry.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	if err := r.PushCatalog(t.Context(), registry.Catalog()); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestRegistriesAreAskedUnlessTheUserSaysOtherwise(t *testing.T) {
	r := started(t, registry.Options{})
	args := deployed(t, r.Reference("windows/nanoserver:ltsc2025"))

	got := execute(t.Context(), "", append(args, "--insecure-registries", r.Host())...)
	if got.err != nil || !strings.Contains(got.out, "Pod default/web: placed on 10.0.26100") {
		t.Errorf("%v\n%s", got.err, got.out)
	}

	r.ResetRequests()
	got = execute(t.Context(), "", append(args, "--offline")...)
	if got.err != nil || !strings.Contains(got.out, "ImageUnresolved") || r.Requests("") > 0 {
		t.Errorf("offline, with %d requests: %v\n%s", r.Requests(""), got.err, got.out)
	}
}

func TestAnImageForLinuxIsFoundInItsRegistry(t *testing.T) {
	r := started(t, registry.Options{})
	got := execute(t.Context(), "", append(deployed(t, r.Reference("library/nginx:1.29")), "--insecure-registries", r.Host())...)
	if !errors.Is(got.err, exit.ErrFindings) || !strings.Contains(got.out, "error: LinuxImage") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
}

func TestARegistryThatDoesNotAnswerIsWaitedForNoLongerThanAllowed(t *testing.T) {
	r := started(t, registry.Options{})
	defer r.Inject(registry.Slow(time.Hour))()
	args := append(deployed(t, r.Reference("windows/nanoserver:ltsc2025")), "--insecure-registries", r.Host(), "--registry-timeout=50ms")
	got := execute(t.Context(), "", args...)
	if got.err != nil || !strings.Contains(got.out, "ImageUnresolved") {
		t.Errorf("%v\n%s", got.err, got.out)
	}
}
