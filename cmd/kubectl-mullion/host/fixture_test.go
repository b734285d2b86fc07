package host

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/memhost"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// The flag is what commandtest.Golden looks up.
var _ = flag.Bool("update", false, "write the golden files anew")

// fixture is a host in memory, and files that a user has.
type fixture struct {
	*remotetest.Host
	directory, drive string
}

func start(t *testing.T, options remotetest.Options) *fixture {
	t.Helper()
	options.Directory = t.TempDir()
	host, err := remotetest.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(host.Close)
	f := &fixture{Host: host, directory: t.TempDir(), drive: options.Directory}
	f.write(t, "id_ed25519", string(host.PrivateKey))
	f.write(t, "mullion-agent.exe", string(remotetest.Executable("v1")))
	f.write(t, "files/web/server.exe", "MZ, a web server")
	f.write(t, "host.yaml", desired)
	return f
}

// desired is a service that has nothing to do with Kubernetes.
const desired = `
schema: mullion.dev/host/v1
owner: web-team
files:
- path: C:\web\server.exe
  source: web/server.exe
- path: C:\web\server.conf
  inline: "port: 8080\n"
  format: text
services:
- name: web
  program: C:\web\server.exe
  arguments: [--config=C:\web\server.conf]
`

func (f *fixture) write(t *testing.T, name, content string) string {
	t.Helper()
	path := f.path(name)
	write(t, path, content)
	return path
}

func (f *fixture) read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(f.path(name))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// leave puts a file where SFTP finds it.
func (f *fixture) leave(t *testing.T, path, content string) {
	t.Helper()
	write(t, filepath.Join(f.drive, path), content)
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (f *fixture) path(name string) string { return filepath.Join(f.directory, name) }

// outcome is how the command ended and what it wrote.
type outcome struct {
	code        int
	err         error
	out, errOut string
}

// execute runs a subcommand against the host, whose key is pinned.
func (f *fixture) execute(t *testing.T, stdin, subcommand string, args ...string) outcome {
	t.Helper()
	return f.blindly(t, stdin, subcommand, append(args, "--host-key", hostkey.PinOf(f.HostKey()).Fingerprint)...)
}

// blindly runs a subcommand against the host without grounds to believe it.
func (f *fixture) blindly(t *testing.T, stdin, subcommand string, args ...string) outcome {
	t.Helper()
	return execute(t.Context(), stdin, append([]string{subcommand, "--address", f.Address(), "--key", f.path("id_ed25519"),
		"--agent", f.path("mullion-agent.exe")}, args...)...)
}

// shall is what the host shall be in most tests.
func (f *fixture) shall(args ...string) []string {
	return append([]string{"--desired", f.path("host.yaml"), "--content", f.path("files")}, args...)
}

// clock is that of hosts in memory, nearly.
func clock() time.Time { return time.Date(2026, time.November, 2, 3, 0, 0, 0, time.UTC) }

func execute(ctx context.Context, stdin string, args ...string) outcome {
	var out, errOut bytes.Buffer
	cmd := newCommand(genericiooptions.IOStreams{In: strings.NewReader(stdin), Out: &out, ErrOut: &errOut}, clock)
	cmd.SetArgs(args)
	cmd.SetOut(&out)
	cmd.SetErr(&errOut)
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	err := cmd.ExecuteContext(ctx)
	return outcome{exit.Code(err), err, out.String(), errOut.String()}
}

// expect fails the test unless a command ended with an exit code.
func (o outcome) expect(t *testing.T, code int) outcome {
	t.Helper()
	if o.code != code {
		t.Fatalf("exit code %d instead of %d: %v\n%s%s", o.code, code, o.err, o.out, o.errOut)
	}
	return o
}

// mentions fails the test unless a text has others in it.
func mentions(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("there is no %q in:\n%s", want, text)
		}
	}
}

// anonymous takes out of a text what differs from run to run.
func (f *fixture) anonymous(text string) string {
	text = strings.ReplaceAll(text, f.directory, "DIRECTORY")
	text = regexp.MustCompile(`127\.0\.0\.1:\d+`).ReplaceAllString(text, "HOST:22")
	text = regexp.MustCompile(`SHA256:[A-Za-z0-9+/]{43}`).ReplaceAllString(text, "SHA256:FINGERPRINT")
	return regexp.MustCompile(`\S+ s from ours`).ReplaceAllString(text, "SKEW s from ours")
}

func untouched() map[string]string { return memhost.New().Snapshot() }
