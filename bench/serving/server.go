package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/pprof"
	"strconv"
	"time"

	"github.com/go-logr/logr"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
)

const (
	reviewPath   = "/review"
	startTimeout = 30 * time.Second
)

// hello is the first line that a serving process prints: where it listens and whom to trust there.
type hello struct {
	Address     string `json:"address"`
	Certificate []byte `json:"certificate"`
}

// serveContender serves until its input ends, which it does at the latest with the process that asks. Each line
// of input is answered with a line of [usage].
func serveContender(ctx context.Context, name, profile string, asked io.Reader, answers io.Writer) error {
	contender, err := contenderNamed(name)
	if err != nil {
		return err
	}
	handler, err := contender.handler()
	if err != nil {
		return fmt.Errorf("making %s: %w", name, err)
	}
	certificate, pem, err := selfSigned()
	if err != nil {
		return err
	}
	port, err := freePort(ctx)
	if err != nil {
		return err
	}
	stopProfile, err := startProfile(profile)
	if err != nil {
		return err
	}
	defer stopProfile()

	log.SetLogger(logr.Discard())
	server := webhook.NewServer(webhook.Options{
		Host: "127.0.0.1",
		Port: port,
		TLSOpts: []func(*tls.Config){func(config *tls.Config) {
			config.GetCertificate = func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate, nil }
		}},
	})
	server.Register(reviewPath, handler)
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
		err = answerUsage(hello{Address: address, Certificate: pem}, asked, answers)
	}
	stop()
	<-ended
	return errors.Join(err, serving)
}

func answerUsage(first hello, asked io.Reader, answers io.Writer) error {
	encoder := json.NewEncoder(answers)
	if err := encoder.Encode(first); err != nil {
		return fmt.Errorf("saying hello: %w", err)
	}
	questions := bufio.NewScanner(asked)
	for questions.Scan() {
		now, err := usageOfThisProcess()
		if err != nil {
			return err
		}
		if err := encoder.Encode(now); err != nil {
			return fmt.Errorf("telling the usage: %w", err)
		}
	}
	return questions.Err()
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

func startProfile(path string) (stop func(), err error) {
	if path == "" {
		return func() {}, nil
	}
	file, err := os.Create(path) //nolint:gosec // whoever measures names the file
	if err != nil {
		return nil, fmt.Errorf("creating the profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("starting the profile: %w", err)
	}
	return func() {
		pprof.StopCPUProfile()
		_ = file.Close() // a profile cut short shows when it is read
	}, nil
}
