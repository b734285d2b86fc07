// Package reach proves that pkg/ssh reaches Windows hosts, whatever their default shell is.
package reach

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strconv"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/test/lacking"
	"github.com/mullion-dev/mullion/test/winhost"
)

// patience bounds what takes seconds on a machine that has nothing else to do.
const patience = 3 * time.Minute

// start starts a host that ends with the test, or skips the test where there can be none.
func start(t *testing.T, o winhost.Options) (*winhost.Host, *ssh.Target) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	host, err := winhost.Start(ctx, o)
	var unavailable *winhost.UnavailableError
	if errors.As(err, &unavailable) {
		lacking.Skip(t, err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := host.Close(); err != nil {
			t.Error(err)
		}
	})
	pin, err := hostkey.ParsePin(host.HostKeyFingerprint())
	if err != nil {
		t.Fatal(err)
	}
	return host, &ssh.Target{
		Address: host.Address(), User: host.User(), Keys: []xssh.Signer{host.Key()},
		HostKeys: hostkey.Policy{Pins: []hostkey.Pin{pin}},
	}
}

func TestTheDefaultShellChangesNothing(t *testing.T) {
	for shell, path := range map[string]string{"cmd.exe": "", "PowerShell": winhost.DefaultShellPowerShell} {
		t.Run(shell, func(t *testing.T) {
			host, target := start(t, winhost.Options{DefaultShell: path})
			pool := ssh.NewPool(ssh.Options{Connect: patience})
			defer pool.Close()
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			if err := pool.Do(ctx, target, func(ctx context.Context, c *ssh.Conn) error { return use(ctx, t, host, c) }); err != nil {
				t.Error(err)
			}
		})
	}
}

// use does everything with a host that the node manager does.
func use(ctx context.Context, t *testing.T, host *winhost.Host, c *ssh.Conn) error {
	t.Helper()
	var who, echo bytes.Buffer
	if err := c.Run(ctx, ssh.Command{Path: `C:\windows\system32\whoami.exe`, Stdout: &who}); err != nil || !bytes.Contains(who.Bytes(), []byte(`\Administrator`)) {
		t.Errorf("a program printed %q, %v", &who, err)
	}
	input := []byte("echo it-was-read\r\n")
	if err := c.Run(ctx, ssh.Command{Path: `C:\windows\system32\cmd.exe`, Stdin: input, Stdout: &echo}); err != nil || !bytes.Contains(echo.Bytes(), []byte("it-was-read")) {
		t.Errorf("a program that reads its stdin printed %q, %v", &echo, err)
	}
	failed := (*ssh.CommandError)(nil)
	if err := c.Run(ctx, ssh.Command{Path: `C:\nothing.exe`}); !errors.As(err, &failed) {
		t.Errorf("a program that is not there: %v", err)
	}

	content := make([]byte, 3<<20)
	if _, err := rand.Read(content); err != nil {
		return err
	}
	upload := ssh.Upload{
		Source: bytes.NewReader(content), Size: int64(len(content)), SHA256: sha256.Sum256(content),
		Path: `C:\k\versions\1\mullion-agent.exe`,
	}
	for _, there := range []bool{false, true} {
		if done, err := c.Upload(ctx, upload); err != nil || done.Skipped != there {
			t.Errorf("uploading: %+v, %v", done, err)
		}
	}
	if arrived, err := host.ReadFile(upload.Path); err != nil || !bytes.Equal(arrived, content) {
		t.Errorf("%d bytes have arrived, %v", len(arrived), err)
	}
	return nil
}

func TestARestartIsSeenAndAnotherHostKeyNotBelieved(t *testing.T) {
	host, target := start(t, winhost.Options{})
	pool := ssh.NewPool(ssh.Options{})
	defer pool.Close()
	reboot := ssh.Reboot{
		Request: func(ctx context.Context, _ *ssh.Conn) error { return host.Reboot(ctx) },
		BootID: func(ctx context.Context, c *ssh.Conn) (string, error) {
			return strconv.Itoa(host.Boots()), c.Run(ctx, ssh.Command{Path: `C:\windows\system32\whoami.exe`})
		},
		Timeout: patience,
		Pause:   100 * time.Millisecond,
	}
	if id, err := pool.Reboot(t.Context(), target, reboot); err != nil || id != "2" {
		t.Fatalf("got boot %s, %v", id, err)
	}

	reboot.Request = func(ctx context.Context, _ *ssh.Conn) error {
		if err := host.RotateHostKey(); err != nil {
			return err
		}
		return host.Reboot(ctx)
	}
	_, err := pool.Reboot(t.Context(), target, reboot)
	mismatch := (*hostkey.MismatchError)(nil)
	if !errors.As(err, &mismatch) || mismatch.Presented[0].Fingerprint == mismatch.Pinned[0].Fingerprint {
		t.Errorf("got %v", err)
	}
}
