package app

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

func TestAPolicyAPIThatCannotListenEndsNothingAndIsTriedAgain(t *testing.T) {
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := taken.Addr().(*net.TCPAddr).Port
	server := &tolerantServer{
		drainingServer: &drainingServer{drain: time.Millisecond, Server: webhook.NewServer(webhook.Options{
			Host: "127.0.0.1", Port: port, TLSOpts: []func(*tls.Config){selfSigned(t)},
		})},
		run: func(ctx context.Context) { <-ctx.Done() }, retry: 10 * time.Millisecond, log: logr.Discard(),
	}
	server.Register("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	ctx, leave := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- server.Start(ctx) }()

	select {
	case err := <-ended:
		t.Fatalf("it ended with %v while its port was taken", err)
	case <-time.After(100 * time.Millisecond): // Several attempts.
	}
	if err := taken.Close(); err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	t.Cleanup(transport.CloseIdleConnections)
	client := &http.Client{Transport: transport, Timeout: 10 * time.Second}
	waitUntil(t, "it serves", func() bool {
		_, err := ask(t, client, "https://127.0.0.1:"+strconv.Itoa(port)+"/")
		return err == nil
	})
	leave()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
}
