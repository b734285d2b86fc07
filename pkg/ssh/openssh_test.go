package ssh

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
	"github.com/mullion-dev/mullion/test/lacking"
)

// openSSH starts the server that hosts really have, as far as it is installed here.
func openSSH(t *testing.T) *Target {
	t.Helper()
	s, err := sshtest.StartOpenSSH(t.TempDir())
	if errors.Is(err, sshtest.ErrNoOpenSSH) {
		lacking.Skip(t, err) // The other tests prove the same with a server of ours.
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return &Target{
		Address: s.Address(), User: s.User, Keys: []ssh.Signer{newKey(t), s.Key},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{{Fingerprint: hostkey.PinOf(s.HostKey).Fingerprint}}},
	}
}

func TestTheServerOfOpenSSHIsSpokenTo(t *testing.T) {
	target := openSSH(t)
	pool := newPool(t, Options{})
	t.Run("a command", func(t *testing.T) {
		var output bytes.Buffer
		command := Command{Path: "/bin/cat", Stdin: []byte("{}\n"), Stdout: &output}
		if err := run(t, pool, target, command); err != nil || output.String() != "{}\n" {
			t.Errorf("got %q, %v", output.String(), err)
		}
	})
	t.Run("a command that fails", func(t *testing.T) {
		err := as[*CommandError](t, run(t, pool, target, Command{Path: "/bin/ls", Args: []string{"no-such-file"}}))
		if err.Status != 2 || !strings.Contains(err.Stderr, "no-such-file") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("a command that hangs", func(t *testing.T) {
		expect[*TimeoutError](t, run(t, pool, target, Command{Path: "/bin/sleep", Args: []string{"600"}, Timeout: 200 * time.Millisecond}))
	})
	t.Run("an upload, and the same again", func(t *testing.T) {
		file := newPayload(5 << 20)
		file.Path = filepath.Join(t.TempDir(), "new", "kubelet.exe")
		for _, skipped := range []bool{false, true} {
			done, err := upload(t, pool, target, file.Upload)
			if err != nil || done.Skipped != skipped {
				t.Fatalf("got %+v, %v", done, err)
			}
		}
		if content, err := os.ReadFile(file.Path); err != nil || !bytes.Equal(content, file.content) {
			t.Errorf("something else has arrived, %v", err)
		}
	})
	t.Run("an upload that replaces a file, and is verified by a program there", func(t *testing.T) {
		file := newPayload(100_000)
		file.Path = filepath.Join(t.TempDir(), "kubelet.exe")
		if err := os.WriteFile(file.Path, make([]byte, 100_000), 0o600); err != nil {
			t.Fatal(err)
		}
		err := pool.Do(t.Context(), target, func(ctx context.Context, c *Conn) error {
			what := file.Upload
			what.Digest = func(ctx context.Context, path string) (sum [sha256.Size]byte, err error) {
				var output bytes.Buffer
				in, err := c.ReadFile(ctx, path, 1<<20)
				if err != nil {
					return sum, err
				}
				if err := c.Run(ctx, Command{Path: "/usr/bin/sha256sum", Stdin: in, Stdout: &output}); err != nil {
					return sum, err
				}
				_, err = hex.Decode(sum[:], output.Bytes()[:2*sha256.Size])
				return sum, err
			}
			_, err := c.Upload(ctx, what)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if content, err := os.ReadFile(file.Path); err != nil || !bytes.Equal(content, file.content) {
			t.Errorf("it was not replaced, %v", err)
		}
	})
}
