package hostagent

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

// TestWindowsKeepsTheContracts runs the tests of pkg/agent/winhost on a host.
func TestWindowsKeepsTheContracts(t *testing.T) {
	h := start(t, winhost.Options{})
	const program = `C:\test\winhost.test.exe`
	h.write(program, testProgram(t, "./pkg/agent/winhost"))
	list, stderr, code, err := h.run(program+" -test.list .", nil)
	if err != nil || code != 0 {
		t.Fatalf("listing tests: exit code %d, error %v: %s", code, err, stderr)
	}
	for name := range strings.FieldsSeq(list) {
		if !strings.HasPrefix(name, "Test") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			stdout, stderr, code, err := h.run(program+" -test.timeout 2m -test.v -test.run ^"+name+"$", nil)
			if err != nil || code != 0 || !strings.Contains(stdout, "--- PASS: "+name) || strings.Contains(stdout, "--- SKIP: ") {
				t.Errorf("exit code %d, error %v:\n%s%s", code, err, stdout, stderr)
			}
		})
	}
}

// testProgram builds the tests of a package for Windows.
func testProgram(t *testing.T, pkg string) []byte {
	t.Helper()
	executable := filepath.Join(t.TempDir(), "test.exe")
	cmd := exec.CommandContext(context.Background(), "go", "test", "-c", "-trimpath", "-o", executable, pkg)
	cmd.Dir = "../../.."
	cmd.Env = append(os.Environ(), "GOOS=windows", "GOARCH=amd64", "CGO_ENABLED=0", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building the tests of %s: %v: %s", pkg, err, out)
	}
	content, err := os.ReadFile(executable)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
