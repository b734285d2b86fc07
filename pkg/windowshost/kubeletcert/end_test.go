package kubeletcert_test

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/mullion-dev/mullion/pkg/windowshost/kubeletcert"
)

func TestWhenACertificateEndsIsReadFromWhoeverServesWithIt(t *testing.T) {
	for sentence, clients := range map[string]tls.ClientAuthType{
		"anybody may come":                  tls.NoClientCert,
		"only who has a certificate may":    tls.RequireAnyClientCert,
		"who has a certificate may show it": tls.RequestClientCert,
	} {
		t.Run(sentence, func(t *testing.T) {
			server := httptest.NewUnstartedServer(http.NotFoundHandler())
			server.TLS = &tls.Config{ClientAuth: clients, MinVersion: tls.VersionTLS12}
			server.StartTLS()
			defer server.Close()
			got, err := kubeletcert.Kubelets{}.CertificateEnd(t.Context(), server.Listener.Addr().String())
			if want := server.Certificate().NotAfter; err != nil || !got.Equal(want) {
				t.Errorf("got %s and error %v, want %s", got, err, want)
			}
		})
	}
}

func TestWhereNobodyServesNothingIsKnown(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	if end, err := (kubeletcert.Kubelets{}).CertificateEnd(t.Context(), address); err == nil || !end.IsZero() {
		t.Errorf("got %s", end)
	}
}

func TestALookEndsWithItsContext(t *testing.T) {
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0") // It never answers.
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := (kubeletcert.Kubelets{}).CertificateEnd(ctx, listener.Addr().String()); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
