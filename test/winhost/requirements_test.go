package winhost_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mullion-dev/mullion/test/winhost"
)

// TestAMachineThatCannotHaveHostsSaysWhyAndWhatToDo takes programs away from the machine. It is no test for a machine
// that cannot have hosts anyway.
func TestAMachineThatCannotHaveHostsSaysWhyAndWhatToDo(t *testing.T) {
	start(t, winhost.Options{})
	tests := map[string]struct {
		programs       []string
		reason, advice string
	}{
		"nothing at all": {nil, "unshare is missing", "util-linux"},
		"no Debian": {
			[]string{"unshare", "nsenter", "chroot", "mount", "cp", "sh", "hostname"}, "apt-get is missing", "use Debian",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for _, program := range tt.programs {
				path, err := exec.LookPath(program)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink(path, filepath.Join(folder, program)); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", folder)
			var log strings.Builder
			_, err := winhost.Setup(testContext(t), winhost.SetupOptions{Root: t.TempDir(), Install: true, Log: &log})
			var unavailable *winhost.UnavailableError
			if !errors.As(err, &unavailable) || !strings.Contains(unavailable.Reason, tt.reason) || !strings.Contains(unavailable.Advice, tt.advice) {
				t.Fatalf("got %v", err)
			}
			if text := err.Error(); !strings.Contains(text, "no Windows hosts") || !strings.Contains(text, tt.advice) {
				t.Errorf("nobody would understand %q", text)
			}
		})
	}
}
