package host

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"os"
	"strings"
	"sync"
	"testing"

	gossh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/remote/remotetest"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

func TestEveryFlagAtFaultIsNamed(t *testing.T) {
	for sentence, c := range map[string]struct {
		args []string
		want []string
	}{
		"nothing at all":       {[]string{"apply"}, []string{"--address: ", "--key: ", "--config, --desired: "}},
		"two desires":          {[]string{"plan", "--config", "a", "--desired", "b"}, []string{"--config, --desired: only one"}},
		"content of nothing":   {[]string{"plan", "--config", "a", "--content", "b"}, []string{"--content: "}},
		"a bundle of nothing":  {[]string{"plan", "--desired", "a", "--bundle", "b"}, []string{"--bundle: "}},
		"origins of nothing":   {[]string{"plan", "--config", "a", "--origins", "b"}, []string{"--origins: "}},
		"a strange format":     {[]string{"facts", "-o", "xml"}, []string{`-o: "xml" is none of text, json, yaml`}},
		"a fingerprint of MD5": {[]string{"facts", "--host-key", "MD5:ab"}, []string{"--host-key: ", "ssh-keygen -l"}},
		"trust and a key": {[]string{"facts", "--trust-on-first-use", "--host-ca", "ca"},
			[]string{"--trust-on-first-use: you know the host's key already"}},
		"a record of nothing": {[]string{"facts", "--trusted-hosts", "f"}, []string{"--trusted-hosts: it is for"}},
		"a key of no jump":    {[]string{"facts", "--jump-host-key", "SHA256:x"}, []string{"--jump-host-key: name the host", "--jump-host-key: \"SHA256:x\""}},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := execute(t.Context(), "", c.args...).expect(t, exit.Failure)
			mentions(t, got.err.Error(), c.want...)
		})
	}
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	f := start(t, remotetest.Options{})
	broken := f.write(t, "broken", "nonsense")
	none := f.path("none")
	for sentence, c := range map[string]struct {
		args []string
		want string
	}{
		"a key that is not there":    {[]string{"--key", none}, "--key: open "},
		"a key that is none":         {[]string{"--key", broken}, "this is not a private key"},
		"an agent that is not there": {[]string{"--agent", none}, "--agent: open "},
		"an agent that is none":      {[]string{"--agent", broken}, "is no program for Windows"},
		"an authority not there":     {[]string{"--host-ca", none}, "--host-ca: open "},
		"an authority that is none":  {[]string{"--host-ca", broken}, "this is not the public key of an authority"},
		"an empty authority":         {[]string{"--host-ca", f.write(t, "empty", "# none\n")}, "there is no key in"},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := f.blindly(t, "", "facts", c.args...).expect(t, exit.Failure)
			mentions(t, got.err.Error(), c.want)
		})
	}
}

func TestAnUnknownHostIsToldByItsKeyAndNotTalkedTo(t *testing.T) {
	f := start(t, remotetest.Options{})
	got := f.blindly(t, "", "facts").expect(t, exit.Failure)
	mentions(t, got.err.Error(), hostkey.PinOf(f.HostKey()).Fingerprint, "ssh_host_ed25519_key.pub", "give it with --host-key")
	if len(f.Logins()) > 0 {
		t.Error("somebody logged in")
	}
}

func TestAKeyIsRecordedOnFirstUseAndPinnedFromThenOn(t *testing.T) {
	f, impostor := start(t, remotetest.Options{}), newSigner(t)
	trusted := f.path("config/trusted")
	first := f.blindly(t, "", "facts", "--trust-on-first-use", "--trusted-hosts", trusted).expect(t, exit.OK)
	mentions(t, first.errOut, "note: The key of "+f.Address()+" is ssh-ed25519 SHA256:", "no other is believed from now on")
	second := f.blindly(t, "", "facts", "--trust-on-first-use", "--trusted-hosts", trusted).expect(t, exit.OK)
	if second.errOut != "" {
		t.Errorf("the second time it is news, too: %s", second.errOut)
	}

	address := f.Address()
	f.Close()
	other, err := remotetest.Start(remotetest.Options{Directory: t.TempDir(), Change: func(config *sshtest.Config) {
		config.Address, config.HostKeys = address, []gossh.Signer{impostor}
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	got := f.blindly(t, "", "facts", "--trust-on-first-use", "--trusted-hosts", trusted).expect(t, exit.Failure)
	mentions(t, got.err.Error(), hostkey.PinOf(f.HostKey()).Fingerprint, hostkey.PinOf(impostor.PublicKey()).Fingerprint, "Nothing was sent")
}

func TestARecordThatCannotBeReadTrustsNobody(t *testing.T) {
	f := start(t, remotetest.Options{})
	trusted := f.write(t, "trusted", "# mine\n"+f.Address()+" ssh-ed25519 MD5:ab\n")
	got := f.blindly(t, "", "facts", "--trust-on-first-use", "--trusted-hosts", trusted).expect(t, exit.Failure)
	mentions(t, got.err.Error(), trusted+":2: want a host and port")
}

func TestAHostIsBelievedByItsAuthorityAndReachedThroughAnother(t *testing.T) {
	authority, key := newSigner(t), newSigner(t)
	certificate := &gossh.Certificate{
		Key: key.PublicKey(), CertType: gossh.HostCert, KeyId: "win-1", ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: gossh.CertTimeInfinity,
	}
	if err := certificate.SignCert(rand.Reader, authority); err != nil {
		t.Fatal(err)
	}
	certified, err := gossh.NewCertSigner(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	f := start(t, remotetest.Options{Change: func(config *sshtest.Config) { config.HostKeys = []gossh.Signer{certified} }})
	ca := f.write(t, "ca.pub", "# ours\n"+string(gossh.MarshalAuthorizedKey(authority.PublicKey())))
	f.blindly(t, "", "facts", "--host-ca", ca).expect(t, exit.OK)

	pem, err := gossh.ParsePrivateKey(f.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	jump, err := sshtest.Start(sshtest.Config{Authorized: []gossh.PublicKey{pem.PublicKey()}, Forward: true})
	if err != nil {
		t.Fatal(err)
	}
	defer jump.Close()
	f.blindly(t, "", "facts", "--host-ca", ca, "--jump", "gateway@"+jump.Address(),
		"--jump-host-key", hostkey.PinOf(jump.HostKey()).String()).expect(t, exit.OK)
	if len(jump.Logins()) != 1 {
		t.Error("nobody came through")
	}
}

func TestErrorsOfConnectionsSayWhatToCheck(t *testing.T) {
	for sentence, c := range map[string]struct {
		options func(*fixture, *sync.Once) remotetest.Options
		prepare func(*testing.T, *fixture)
		want    []string
	}{
		"a host that is off": {
			prepare: func(_ *testing.T, f *fixture) { f.Close() },
			want:    []string{"reaching 127.0.0.1", "TCP port 22"},
		},
		"a key that the host does not know": {
			prepare: func(t *testing.T, f *fixture) { f.write(t, "id_ed25519", newPrivateKey(t)) },
			want:    []string{"accepts none of the keys: tried SHA256:", "administrators_authorized_keys"},
		},
		"a connection that breaks": {
			options: func(f *fixture, once *sync.Once) remotetest.Options {
				return remotetest.Options{Intercept: func(context.Context, *sshtest.Process, remotetest.Run) int {
					once.Do(f.Cut)
					return sshtest.NoStatus
				}}
			},
			want: []string{"disconnected", "goes on from what the host is by then"},
		},
		"an agent that crashes": {
			options: func(*fixture, *sync.Once) remotetest.Options {
				return remotetest.Options{Intercept: func(context.Context, *sshtest.Process, remotetest.Run) int { return 5 }}
			},
			want: []string{"it ended without a result", "exit status 5", "virus scanner"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			f := new(fixture)
			options := remotetest.Options{}
			if c.options != nil {
				options = c.options(f, new(sync.Once))
			}
			*f = *start(t, options)
			if c.prepare != nil {
				c.prepare(t, f)
			}
			mentions(t, f.execute(t, "", "facts").expect(t, exit.Failure).err.Error(), c.want...)
		})
	}
}

func TestARequestThatFailsSaysAtWhatAndThatItCanGoOn(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.FailStart("web", `C:\web\log.txt`, "port 8080 is taken")
	f.write(t, "host.yaml", desired+"  log: C:\\web\\log.txt\n")
	got := f.execute(t, "", "apply", f.shall()...).expect(t, exit.Failure)
	mentions(t, got.err.Error(), "service/web: ", "port 8080 is taken", "goes on from there")

	f.Machine.Repair("web")
	f.execute(t, "", "apply", f.shall()...).expect(t, exit.OK)
}

func TestAHostThatSomebodyElseChangesIsLeftToThem(t *testing.T) {
	f := start(t, remotetest.Options{})
	f.Machine.WriteFile(`C:\ProgramData\mullion\theirs`, "The directory of a lock is there.")
	if _, err := f.Machine.Host().System.Lock(t.Context(), `C:\ProgramData\mullion\lock`, "the node manager"); err != nil {
		t.Fatal(err)
	}
	got := f.execute(t, "", "apply", f.shall()...).expect(t, exit.Failure)
	mentions(t, got.err.Error(), "somebody else is changing the host", "the node manager")
}

func TestAHostThatNothingWasAppliedToCannotBeVerified(t *testing.T) {
	f := start(t, remotetest.Options{})
	mentions(t, f.execute(t, "", "verify").expect(t, exit.Failure).err.Error(), "reading what was applied last")
}

func TestSecretsAreNeverShown(t *testing.T) {
	const secret = "correct-horse-battery"
	f := start(t, remotetest.Options{})
	f.write(t, "host.yaml", strings.Replace(desired, "services:", `- path: C:\web\password
  inline: `+secret+`
  secret: true
services:`, 1))
	for _, subcommand := range []string{"plan", "apply", "plan"} {
		got := f.execute(t, "", subcommand, f.shall()...)
		if strings.Contains(got.out+got.errOut, secret) {
			t.Errorf("%s shows it:\n%s%s", subcommand, got.out, got.errOut)
		}
	}
	if content, _ := f.Machine.ReadFile(`C:\web\password`); content != secret {
		t.Errorf("the file has %q", content)
	}
	if stored, err := os.ReadFile(f.path("host.yaml")); err != nil || !strings.Contains(string(stored), secret) {
		t.Error("the test has no secret in it")
	}
}

func newSigner(t *testing.T) gossh.Signer {
	t.Helper()
	signer, err := gossh.ParsePrivateKey([]byte(newPrivateKey(t)))
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func newPrivateKey(t *testing.T) string {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := gossh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}
