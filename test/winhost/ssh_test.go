package winhost_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestACommandHasItsOwnOutputsAndExitCode(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	tests := map[string]struct {
		line string
		want winhost.Result
	}{
		"success":                   {"echo out", winhost.Result{Stdout: "out\r\n"}},
		"an exit code":              {"exit 42", winhost.Result{ExitCode: 42}},
		"two outputs":               {"echo out& echo err>&2& exit 3", winhost.Result{Stdout: "out\r\n", Stderr: "err\r\n", ExitCode: 3}},
		"a program with spaces":     {`"C:\probe.exe" args "a b" c`, winhost.Result{Stdout: "[\"a b\",\"c\"]\n"}},
		"variables of cmd.exe":      {"echo %SystemRoot%", winhost.Result{Stdout: "C:\\windows\r\n"}},
		"what does not exist":       {`C:\nothing.exe`, winhost.Result{Stderr: "Can't recognize 'C:\\nothing.exe' as an internal or external command, or batch script.\r\n", ExitCode: 9009}},
		"quotes inside an argument": {`C:\probe.exe args "{\"a\": 1}"`, winhost.Result{Stdout: "[\"{\\\"a\\\": 1}\"]\n"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := host.Exec(testContext(t), tt.line)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithPowerShellAsDefaultShellCommandsMeanSomethingElse(t *testing.T) {
	host := startWithProbe(t, winhost.Options{DefaultShell: winhost.DefaultShellPowerShell})
	tests := map[string]struct {
		line, stdout, stderr string
		exitCode             int
	}{
		"a program":                        {`C:\probe.exe args a`, `["a"]`, "", 0},
		"a quoted program is only text":    {`"C:\probe.exe"`, `C:\probe.exe`, "", 0},
		"a quoted program with arguments":  {`"C:\probe.exe" args a`, "", "unexpected token", 1},
		"a quoted program that is called":  {`& "C:\probe.exe" args a`, `["a"]`, "", 0},
		"every failure is the same":        {`cmd.exe /c exit 42`, "", "", 1},
		"but for an explicit exit":         {`cmd.exe /c exit 42; exit $LASTEXITCODE`, "", "", 42},
		"variables of cmd.exe are text":    {`C:\probe.exe args %SystemRoot%`, `["%SystemRoot%"]`, "", 0},
		"and its operators mistakes":       {`C:\probe.exe args a && C:\probe.exe args b`, "", "not a valid statement separator", 1},
		"what does not exist":              {`nothing.exe`, "", "is not recognized as the name of a cmdlet", 1},
		"quotes inside an argument vanish": {`C:\probe.exe args '{"a":1}'`, `["{a:1}"]`, "", 0},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := host.Exec(testContext(t), tt.line)
			if err != nil {
				t.Fatal(err)
			}
			if strings.TrimSpace(got.Stdout) != tt.stdout || got.ExitCode != tt.exitCode || !strings.Contains(got.Stderr, tt.stderr) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func dial(t *testing.T, host *winhost.Host) *ssh.Client {
	t.Helper()
	client, err := host.Dial(testContext(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func TestStandardInputIsBinary(t *testing.T) {
	for name, shell := range map[string]string{"cmd.exe": "", "PowerShell": winhost.DefaultShellPowerShell} {
		t.Run(name, func(t *testing.T) {
			host := startWithProbe(t, winhost.Options{DefaultShell: shell})
			session, err := dial(t, host).NewSession()
			if err != nil {
				t.Fatal(err)
			}
			noise := make([]byte, 300_000)
			if _, err := rand.Read(noise); err != nil {
				t.Fatal(err)
			}
			input := slices.Concat(noise, []byte("\r\n\n\x1a\x00"))
			session.Stdin = bytes.NewReader(input)
			got, err := session.Output(probeProgram + " copy")
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.HasPrefix(got, input) {
				t.Errorf("%d bytes came back of %d, or others", len(got), len(input))
			}
		})
	}
}

func TestFilesAreTransferredAndReplacedButNotWhileTheyRun(t *testing.T) {
	host := startWithProbe(t, winhost.Options{})
	client, err := sftp.NewClient(dial(t, host))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	content := bytes.Repeat([]byte("mullion\r\n\x00"), 100_000)
	write := func(path string) {
		t.Helper()
		file, err := client.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(file, bytes.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := client.MkdirAll("C:/k/a folder"); err != nil {
		t.Fatal(err)
	}
	write("/C:/k/a folder/new")
	write("C:/k/a folder/old")
	if err := client.PosixRename("C:/k/a folder/new", "C:/k/a folder/old"); err != nil {
		t.Fatal(err)
	}
	if got, err := host.ReadFile(`C:\K\A Folder\Old`); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the file has %d bytes, want %d: %v", len(got), len(content), err)
	}

	ask[any](t, host, "install", "busy", ",", ",")
	ask[any](t, host, "start", "busy")
	waitForState(t, host, "busy", running)
	write("C:/new.exe")
	if err := client.PosixRename("C:/new.exe", "C:/probe.exe"); err == nil {
		t.Error("a program that runs was replaced")
	}
	if err := client.Remove("C:/probe.exe"); err == nil {
		t.Error("a program that runs was deleted")
	}
	if err := client.PosixRename("C:/probe.exe", "C:/probe.old"); err != nil {
		t.Errorf("renaming a program that runs: %v", err)
	}
}

// logOn tries to log on with a key, and returns the host's key.
func logOn(t *testing.T, host *winhost.Host, user string, key ssh.Signer, algorithms ...string) (ssh.PublicKey, error) {
	t.Helper()
	connection, err := (&net.Dialer{}).DialContext(testContext(t), "tcp", host.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	var got ssh.PublicKey
	_, _, _, err = ssh.NewClientConn(connection, host.Address(), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.PublicKeys(key)}, HostKeyAlgorithms: algorithms,
		HostKeyCallback: func(_ string, _ net.Addr, key ssh.PublicKey) error {
			got = key
			return nil
		},
	})
	return got, err
}

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestOnlyAuthorizedKeysOfTheAdministratorLogOn(t *testing.T) {
	authorized, later := newSigner(t), newSigner(t)
	host := start(t, winhost.Options{AuthorizedKeys: []ssh.PublicKey{authorized.PublicKey()}})
	if _, err := logOn(t, host, "administrator", authorized); err != nil {
		t.Error(err)
	}
	if _, err := logOn(t, host, "somebody", authorized); err == nil {
		t.Error("somebody logged on")
	}
	if _, err := logOn(t, host, host.User(), later); err == nil {
		t.Error("a key logged on that was not authorized yet")
	}
	if err := host.SetAuthorizedKeys(later.PublicKey()); err != nil {
		t.Fatal(err)
	}
	if _, err := logOn(t, host, host.User(), later); err != nil {
		t.Error(err)
	}
	if _, err := logOn(t, host, host.User(), authorized); err == nil {
		t.Error("a key logged on that was not authorized any more")
	}
}

func TestTheHostProvesWhoItIsUntilItsKeyIsRotated(t *testing.T) {
	authority := newSigner(t)
	host := start(t, winhost.Options{HostCertificateAuthority: authority})
	before := host.HostKeyFingerprint()
	key, err := logOn(t, host, host.User(), host.Key(), ssh.KeyAlgoED25519)
	if err != nil || ssh.FingerprintSHA256(key) != before {
		t.Errorf("the host key is %v, want %s: %v", key, before, err)
	}
	if key, err = logOn(t, host, host.User(), host.Key(), ssh.KeyAlgoECDSA256); err != nil || key.Type() != ssh.KeyAlgoECDSA256 {
		t.Errorf("the host key is %v: %v", key, err)
	}
	key, err = logOn(t, host, host.User(), host.Key(), ssh.CertAlgoED25519v01)
	if certificate, ok := key.(*ssh.Certificate); err != nil || !ok || !bytes.Equal(certificate.SignatureKey.Marshal(), authority.PublicKey().Marshal()) {
		t.Errorf("the host certificate is %v: %v", key, err)
	}

	if err := host.RotateHostKey(); err != nil {
		t.Fatal(err)
	}
	key, err = logOn(t, host, host.User(), host.Key(), ssh.KeyAlgoED25519)
	if err != nil || ssh.FingerprintSHA256(key) == before || ssh.FingerprintSHA256(key) != host.HostKeyFingerprint() {
		t.Errorf("the host key is %v, was %s: %v", key, before, err)
	}
}

func TestACommandEndsWithItsContext(t *testing.T) {
	host := start(t, winhost.Options{})
	ctx, cancel := context.WithCancelCause(testContext(t))
	bored := errors.New("bored")
	go func() {
		_, _ = host.Exec(testContext(t), "echo .") // As long as any command takes.
		cancel(bored)
	}()
	if _, err := host.Exec(ctx, "ping -n 600 127.0.0.1"); !errors.Is(err, bored) {
		t.Errorf("got %v", err)
	}
}
