package reach

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"sync"
	"testing"
	"time"

	xssh "golang.org/x/crypto/ssh"

	"github.com/mullion-dev/mullion/pkg/ssh"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
	"github.com/mullion-dev/mullion/test/winhost"
)

const whoami = `C:\windows\system32\whoami.exe`

// hasty is a pool that gives up within seconds, and ends with the test.
func hasty(t *testing.T) *ssh.Pool {
	t.Helper()
	pool := ssh.NewPool(ssh.Options{Connect: 5 * time.Second, DeadPeer: time.Second})
	t.Cleanup(pool.Close)
	return pool
}

func run(t *testing.T, pool *ssh.Pool, target *ssh.Target) error {
	t.Helper()
	return pool.Do(t.Context(), target, func(ctx context.Context, c *ssh.Conn) error {
		return c.Run(ctx, ssh.Command{Path: whoami})
	})
}

func stranger(t *testing.T) xssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := xssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

func TestAHostThatIsSomebodyElseIsToldNothing(t *testing.T) {
	host, target := start(t, winhost.Options{})
	other := stranger(t).PublicKey()
	pin, err := hostkey.ParsePin(xssh.FingerprintSHA256(other))
	if err != nil {
		t.Fatal(err)
	}
	target.HostKeys = hostkey.Policy{Pins: []hostkey.Pin{pin}}
	var mismatch *hostkey.MismatchError
	if err := run(t, hasty(t), target); !errors.As(err, &mismatch) || mismatch.Presented[0].Fingerprint != host.HostKeyFingerprint() {
		t.Errorf("got %v", err)
	}
}

func TestAKeyThatTheHostDoesNotKnowIsToldByItsFingerprint(t *testing.T) {
	_, target := start(t, winhost.Options{})
	key := stranger(t)
	known := target.Keys
	target.Keys = []xssh.Signer{key}
	var denied *ssh.AuthenticationError
	if err := run(t, hasty(t), target); !errors.As(err, &denied) || len(denied.Tried) != 1 || denied.Tried[0] != xssh.FingerprintSHA256(key.PublicKey()) {
		t.Errorf("got %v", err)
	}
	target.Keys = append(target.Keys, known...) // As while keys are rotated.
	if err := run(t, hasty(t), target); err != nil {
		t.Errorf("with a key that it knows after it: %v", err)
	}
}

func TestAHostThatIsOffOrUnpluggedIsGivenUp(t *testing.T) {
	host, target := start(t, winhost.Options{})
	pool := hasty(t)
	for _, cut := range []func(){host.Unplug, host.PowerCut} {
		cut()
		started := time.Now()
		if err := run(t, pool, target); err == nil || time.Since(started) > 30*time.Second {
			t.Errorf("after %s: %v", time.Since(started), err)
		}
	}
	host.Plug()
	if err := host.Boot(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := run(t, pool, target); err != nil {
		t.Errorf("when it is back: %v", err)
	}
}

// upload is a file of so many random bytes.
func upload(t *testing.T, size int) (ssh.Upload, []byte) {
	t.Helper()
	content := make([]byte, size)
	if _, err := rand.Read(content); err != nil {
		t.Fatal(err)
	}
	return ssh.Upload{
		Source: bytes.NewReader(content), Size: int64(size), SHA256: sha256.Sum256(content), Path: `C:\k\program.exe`,
	}, content
}

func bring(t *testing.T, pool *ssh.Pool, target *ssh.Target, file ssh.Upload) error {
	t.Helper()
	return pool.Do(t.Context(), target, func(ctx context.Context, c *ssh.Conn) error {
		_, err := c.Upload(ctx, file)
		return err
	})
}

func arrived(t *testing.T, host *winhost.Host, want []byte) {
	t.Helper()
	if got, err := host.ReadFile(`C:\k\program.exe`); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes have arrived of %d, error %v", len(got), len(want), err)
	}
}

func TestAnUploadOverASlowLinkTakesItsTimeAndArrives(t *testing.T) {
	host, target := start(t, winhost.Options{})
	pool := hasty(t)
	const rate = 512 << 10
	file, content := upload(t, 3*rate)
	host.SlowLink(rate, 50*time.Millisecond)
	started := time.Now()
	if err := bring(t, pool, target, file); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(started); took < 3*time.Second {
		t.Errorf("the link was not slow: it took %s", took)
	}
	arrived(t, host, content)
}

func TestAnUploadToAHostThatIsUnpluggedEndsAndTheNextOneGoesOn(t *testing.T) {
	host, target := start(t, winhost.Options{})
	pool := hasty(t)
	file, content := upload(t, 4<<20)
	host.SlowLink(2<<20, 0) // So that half of it is on its way when the cable goes.
	var once sync.Once
	file.Progress = func(done int64) {
		if done >= 2<<20 {
			once.Do(host.Unplug)
		}
	}
	started := time.Now()
	err := bring(t, pool, target, file)
	var disconnected *ssh.DisconnectedError
	if !errors.As(err, &disconnected) || time.Since(started) > 30*time.Second {
		t.Fatalf("after %s: %v", time.Since(started), err)
	}
	if _, err := host.ReadFile(file.Path); err == nil {
		t.Error("half a file has its final name")
	}
	host.Plug()
	host.SlowLink(0, 0)
	if err := bring(t, pool, target, file); err != nil {
		t.Fatal(err)
	}
	arrived(t, host, content)
}

func TestAnUploadThatDoesNotFitLeavesNothing(t *testing.T) {
	host, target := start(t, winhost.Options{DiskBytes: 96 << 20})
	pool := hasty(t)
	file, content := upload(t, 4<<20)
	if err := host.FillDisk(1 << 20); err != nil {
		t.Fatal(err)
	}
	if err := bring(t, pool, target, file); err == nil {
		t.Error("4 MiB fit into 1 MiB")
	}
	if _, err := host.ReadFile(file.Path); err == nil {
		t.Error("half a file has its final name")
	}
	if err := host.FreeDisk(); err != nil {
		t.Fatal(err)
	}
	if err := bring(t, pool, target, file); err != nil {
		t.Fatal(err)
	}
	arrived(t, host, content)
}
