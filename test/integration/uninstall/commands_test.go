package uninstall_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// shell executes commands as an administrator would, who has kubectl with the plugin.
type shell struct {
	t           *testing.T
	document    document
	environment []string
}

// shippedOverlay is the one that the document names, and installedOverlay the one that is to take its place.
const (
	shippedOverlay   = "manifests/overlays/hosts"
	installedOverlay = "testdata/installed"
)

func newShell(t *testing.T) *shell {
	t.Helper()
	folder := t.TempDir()
	if err := os.Symlink(shared.cluster.KubectlPath(), filepath.Join(folder, "kubectl")); err != nil {
		t.Fatal(err)
	}
	path := strings.Join([]string{folder, filepath.Dir(shared.programs.Plugin), os.Getenv("PATH")}, string(os.PathListSeparator))
	return &shell{t: t, document: readDocument(t), environment: append(shared.cluster.Environ(), "PATH="+path, "USER=somebody")}
}

// placeholders are the words in commands that stand for something of the reader's.
type placeholders map[string]string

var placeholder = regexp.MustCompile(`\b[A-Z]{4,}\b`)

// follow executes the commands under a title. All have to succeed.
func (s *shell) follow(title string, with placeholders) {
	s.t.Helper()
	commands := s.document[title]
	if len(commands) == 0 {
		s.t.Fatalf("the document has no commands about %q", title)
	}
	for _, command := range commands {
		if output, code := s.execute(command, with); code != 0 && !expected(command, output, code) {
			s.t.Fatalf("exit code %d of %s:\n%s", code, command, output)
		}
	}
}

// expected tells of findings that are no failure here: a plan that somebody should read; and of a host that was given back,
// that a file which was there before is not, because what hosts in memory show over SFTP is another disk than the agent's.
func expected(command, output string, code int) bool {
	return code == 1 && (command == "kubectl mullion plan" || strings.HasPrefix(command, "kubectl mullion host remove ") &&
		strings.Contains(output, "which was there before us, is not there") && !strings.Contains(output, " is still there."))
}

// execute executes one command, and returns what it printed and its exit code.
func (s *shell) execute(command string, with placeholders) (output string, code int) {
	s.t.Helper()
	command = strings.ReplaceAll(command, shippedOverlay, installedOverlay)
	command = placeholder.ReplaceAllStringFunc(command, func(word string) string {
		if value, given := with[word]; given {
			return value
		}
		return word
	})
	var printed bytes.Buffer
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", "exec 2>&1; "+command)
	cmd.Env, cmd.Stdout = s.environment, &printed
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) } // With what bash has started.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		s.t.Fatalf("%s: %v", command, err)
	}
	s.t.Logf("$ %s\n%s", command, &printed)
	return printed.String(), cmd.ProcessState.ExitCode()
}

// left are the commands by which an administrator sees what is left, each with what it prints.
func (s *shell) left() map[string]string {
	s.t.Helper()
	left := map[string]string{}
	for _, command := range s.document["See that nothing is left"] {
		left[command], _ = s.execute(command, nil)
	}
	return left
}

// mustExecute executes a command that is not in the document.
func (s *shell) mustExecute(command string) {
	s.t.Helper()
	if output, code := s.execute(command, nil); code != 0 {
		s.t.Fatalf("exit code %d of %s:\n%s", code, command, output)
	}
}

// keyFile is a file with the key of all hosts.
func (s *shell) keyFile() string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "id_ed25519")
	if err := os.WriteFile(path, shared.hosts.Secret("", "").Data["private-key.pem"], 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}
