// Package reviewserver runs handlers of admission reviews in processes of their own, behind the server that
// controller-runtime gives its webhooks: the program that measures starts itself again, and its children serve.
package reviewserver

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const (
	path         = "/review"
	startTimeout = 30 * time.Second
)

// hello is the line that a child prints when it serves: where it listens and whom to trust there.
type hello struct {
	Address     string `json:"address"`
	Certificate []byte `json:"certificate"`
}

// Serve is what a child does: it serves until its input ends, which it does at the latest with the process that
// started it. Nothing but Serve may write to its output.
func Serve(ctx context.Context, handler http.Handler, input io.Reader, output io.Writer) error {
	certificate, pem, err := selfSigned()
	if err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	log.SetLogger(logr.Discard())
	server := webhook.NewServer(webhook.Options{
		Host: "127.0.0.1",
		Port: port,
		TLSOpts: []func(*tls.Config){func(config *tls.Config) {
			config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate, nil }
		}},
	})
	server.Register(path, handler)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var serving error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		serving = server.Start(ctx)
	}()

	err = awaitStart(ctx, server, ended)
	if err == nil {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
		err = sayHello(hello{Address: address, Certificate: pem}, input, output)
	}
	stop()
	<-ended
	return errors.Join(err, serving)
}

// sayHello prints the hello and returns when the input ends.
func sayHello(h hello, input io.Reader, output io.Writer) error {
	if err := json.NewEncoder(output).Encode(h); err != nil {
		return fmt.Errorf("saying hello: %w", err)
	}
	if _, err := io.Copy(io.Discard, input); err != nil {
		return fmt.Errorf("waiting for the end of the input: %w", err)
	}
	return nil
}

func awaitStart(ctx context.Context, server webhook.Server, ended <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for started := server.StartedChecker(); ; {
		err := started(nil)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("starting the server: %w", err)
		case <-ended:
			return errors.New("the server ended before it started")
		case <-retry.C:
		}
	}
}

// freePort is a port that was free a moment ago: the server under measure cannot be given a listener.
func freePort(ctx context.Context) (int, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
