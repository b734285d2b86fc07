package bundle

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/test/registry"
)

const components = `
components:
- name: kubernetes
  version: v1.37.2
  files: [kubelet.exe]
- name: cni-plugins
  version: v1.9.0
  files: [cni/*.exe]
`

// node makes the directory of a bundle, and the file beside it.
func node(t *testing.T, origins string) string {
	t.Helper()
	directory := filepath.Join(t.TempDir(), "node")
	for path, content := range map[string]string{
		"node/kubelet.exe": "MZ kubelet", "node/cni/win-bridge.exe": "MZ bridge", "node.yaml": origins,
	} {
		path = filepath.Join(filepath.Dir(directory), path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return directory
}

func execute(t *testing.T, args ...string) (code int, out string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := NewCommand(genericiooptions.IOStreams{In: strings.NewReader(""), Out: &stdout, ErrOut: &stderr})
	cmd.SetArgs(args)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err = cmd.ExecuteContext(t.Context())
	return exit.Code(err), stdout.String(), err
}

func TestABundleIsNamedByTheSameDigestWhetherBuiltPushedOrShown(t *testing.T) {
	running, err := registry.Start(registry.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	tag := running.Host() + "/windows/node:v1.37.2"
	const digest = "sha256:"
	code, built, err := execute(t, "build", node(t, components), "-t", tag, "--insecure-registry")
	if code != exit.OK || !strings.HasPrefix(built, running.Host()+"/windows/node@"+digest) {
		t.Fatalf("%q, %v", built, err)
	}
	code, pushed, err := execute(t, "push", node(t, components), "-t", tag, "--insecure-registry")
	if code != exit.OK || pushed != built {
		t.Fatalf("built %q, pushed %q, %v", built, pushed, err)
	}
	for _, reference := range []string{tag, strings.TrimSpace(built)} {
		code, shown, err := execute(t, "show", reference, "--insecure-registry")
		if code != exit.OK {
			t.Fatal(err)
		}
		for _, want := range []string{strings.TrimSpace(built) + "\n", "cni/win-bridge.exe", "kubelet.exe", "v1.37.2", "2 files, 19 bytes"} {
			if !strings.Contains(shown, want) {
				t.Errorf("there is no %q in:\n%s", want, shown)
			}
		}
	}
}

func TestARegistryOfAPrivateAuthorityIsTrustedByItsFile(t *testing.T) {
	running, err := registry.Start(registry.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	authority := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(authority, running.CABundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	tag := running.Host() + "/windows/node:v1.37.2"
	if _, _, err := execute(t, "push", node(t, components), "-t", tag); err == nil ||
		!strings.Contains(err.Error(), "certificate signed by unknown authority") {
		t.Errorf("without the authority: %v", err)
	}
	code, pushed, err := execute(t, "push", node(t, components), "-t", tag, "--registry-ca-file", authority)
	if code != exit.OK {
		t.Fatal(err)
	}
	if code, shown, err := execute(t, "show", tag, "--registry-ca-file", authority); code != exit.OK || !strings.Contains(shown, pushed) {
		t.Errorf("shown is %q, error %v", shown, err)
	}
	if _, _, err := execute(t, "show", tag, "--registry-ca-file", "none.pem"); err == nil ||
		!strings.Contains(err.Error(), "reading --registry-ca-file") {
		t.Errorf("with a file that is missing: %v", err)
	}
}

func TestABundleWithoutATagIsADigest(t *testing.T) {
	if code, out, err := execute(t, "build", node(t, components)); code != exit.OK || !strings.HasPrefix(out, "sha256:") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestWhatCannotBeBuiltIsSaid(t *testing.T) {
	for sentence, c := range map[string]struct {
		origins string
		args    []string
		want    string
	}{
		"a file of no component":         {"components: []", nil, "cni/win-bridge.exe: no component has it"},
		"a file of two components":       {components + "- {name: own, version: v1, files: ['*.exe']}", nil, "both kubernetes and own have it"},
		"a component without a version":  {"components: [{name: kubernetes}]", nil, "every component has a name and a version"},
		"a pattern that is none":         {"components: [{name: a, version: b, files: ['[']}]", nil, `"[" is no pattern`},
		"a field that there is not":      {"component: []", nil, "unknown field"},
		"a file that is not there":       {components, []string{"--origins", "none.yaml"}, "none.yaml"},
		"a reference that is none":       {components, []string{"-t", "registry.example.com/Windows"}, "-t: "},
		"a reference without a registry": {components, []string{"-t", "node:v1"}, "-t: "},
	} {
		t.Run(sentence, func(t *testing.T) {
			code, _, err := execute(t, append([]string{"build", node(t, c.origins)}, c.args...)...)
			if code != exit.Failure || !strings.Contains(err.Error(), c.want) {
				t.Errorf("want %q, got %v", c.want, err)
			}
		})
	}
	if code, _, err := execute(t, "push", node(t, components)); code != exit.Failure || !strings.Contains(err.Error(), "-t: ") {
		t.Errorf("nowhere to push to: %v", err)
	}
	for sentence, reference := range map[string]string{
		"no reference at all":        "not a reference",
		"neither a tag nor a digest": "registry.example.com/windows/node",
		"a digest that is none":      "registry.example.com/windows/node@sha256:0",
	} {
		if code, _, err := execute(t, "show", reference); code != exit.Failure || !strings.Contains(err.Error(), "has to be REGISTRY/NAME:TAG") {
			t.Errorf("%s: %v", sentence, err)
		}
	}
}

func TestADirectoryOrItsFileThatIsNotThereIsSaid(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "node")
	if _, _, err := execute(t, "build", missing); err == nil || !strings.Contains(err.Error(), "reading the bundle's directory: stat "+missing+": ") {
		t.Errorf("without a directory: %v", err)
	}
	bare := node(t, components)
	if err := os.Remove(bare + ".yaml"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := execute(t, "build", bare); err == nil || !strings.Contains(err.Error(), bare+".yaml: no such file or directory; --origins names another file") {
		t.Errorf("without a file beside it: %v", err)
	}
}
