package servingcert

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

func TestFilesAreReloadedAndABrokenPairIsNotServed(t *testing.T) {
	directory := t.TempDir()
	now := time.Now()
	writeFiles(t, directory, now, day)
	f, err := NewFiles(filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key"), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.Start(ctx) }()

	served := func() time.Time {
		certificate, err := f.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		return certificate.Leaf.NotAfter
	}
	first := served()
	if err := f.Ready(nil); err != nil {
		t.Error(err)
	}
	replaceFile(t, directory, "tls.key", []byte("garbage"))
	if err := f.watcher.ReadCertificate(); err == nil {
		t.Error("a key that is garbage was read")
	}
	if !served().Equal(first) {
		t.Error("a broken pair is served")
	}
	writeFiles(t, directory, now, 2*day)
	eventually(t, "the new pair", func() bool { return served().After(first) })
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

func TestFilesWithAnExpiredCertificateAreNotReady(t *testing.T) {
	directory := t.TempDir()
	writeFiles(t, directory, time.Now().Add(-2*day), day)
	f, err := NewFiles(filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key"), prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	if f.Ready(nil) == nil {
		t.Error("ready")
	}
}

func TestFilesThatDoNotExistAreAnError(t *testing.T) {
	if _, err := NewFiles("/nonexistent/tls.crt", "/nonexistent/tls.key", prometheus.NewRegistry()); err == nil {
		t.Error("no error")
	}
}

// writeFiles puts a certificate and its key, valid from now for a lifetime, into a directory. It is that of a
// CA, as it comes out of a Secret: nobody here verifies it.
func writeFiles(t *testing.T, directory string, now time.Time, lifetime time.Duration) {
	t.Helper()
	state, _, err := authority.Issuer{Name: "files", CALifetime: lifetime}.Replace(now)
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{}
	if err := state.WriteTo(secret); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
		replaceFile(t, directory, name, secret.Data[name])
	}
}

// replaceFile renames a new file into place, as careful writers do.
func replaceFile(t *testing.T, directory, name string, content []byte) {
	t.Helper()
	path := filepath.Join(directory, name)
	if err := os.WriteFile(path+".new", content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		t.Fatal(err)
	}
}
