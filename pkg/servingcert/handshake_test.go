package servingcert

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
	"github.com/mullion-dev/mullion/pkg/servingcert/cabundle"
)

// Callers open one TLS connection after the other to every replica, while CAs come and go.
func TestNoHandshakeFailsWhileTheAuthorityChanges(t *testing.T) {
	c := newCluster(t)
	replicas := []*Source{c.replica(), c.replica()}
	c.settle(replicas...)

	var addresses []string
	for _, s := range replicas {
		addresses = append(addresses, listen(t, s))
	}
	var running sync.WaitGroup
	callers := []*caller{newCaller(c, addresses), newCaller(c, addresses)}
	for _, a := range callers {
		running.Go(func() { a.run(t) })
	}
	t.Cleanup(func() {
		for _, a := range callers {
			close(a.stop)
		}
		running.Wait()
	})
	// everyone lets each caller look at the caBundles and call every replica at least once.
	everyone := func() {
		for _, a := range callers {
			a.finishRound()
			a.finishRound()
		}
	}

	for range 2 {
		before := signer(replicas[0])
		c.deleteSecret()
		for _, s := range replicas {
			c.sync(s)
			everyone()
		}
		c.inject()
		c.sync(replicas...)
		everyone()
		c.clock.Step(DefaultSettleDelay)
		for _, s := range replicas {
			c.sync(s)
			everyone()
			if signer(s).Equal(before) {
				t.Fatal("a replica did not follow the new CA")
			}
		}
		for len(c.bundles()[0]) > 1 { // until the old CA has retired
			c.clock.Step(day)
			c.sync(replicas...)
			everyone()
			c.inject()
			everyone()
		}
	}
	for i, a := range callers {
		if a.handshakes.Load() == 0 {
			t.Errorf("caller %d made no call", i)
		}
		t.Logf("caller %d: %d handshakes", i, a.handshakes.Load())
	}
}

// listen serves TLS with the source's certificate on a loopback port until the test ends.
func listen(t *testing.T, s *Source) string {
	t.Helper()
	listener, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{GetCertificate: s.GetCertificate, MinVersion: tls.VersionTLS12})
	if err != nil {
		t.Fatal(err)
	}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			// The caller reports what goes wrong; it has a deadline, and closes the connection at the latest then.
			_ = connection.(*tls.Conn).Handshake()
			_ = connection.Close()
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

// caller stands for an API server: it trusts what the caBundles hold at the beginning of each round.
type caller struct {
	cluster    *cluster
	addresses  []string
	stop       chan struct{}
	rounds     chan struct{}
	handshakes atomic.Int64
}

func newCaller(c *cluster, addresses []string) *caller {
	return &caller{cluster: c, addresses: addresses, stop: make(chan struct{}), rounds: make(chan struct{})}
}

// finishRound returns after the round that is going on.
func (a *caller) finishRound() { a.rounds <- struct{}{} }

func (a *caller) run(t *testing.T) {
	for {
		if err := a.round(t.Context()); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		select {
		case <-a.stop:
			return
		case <-a.rounds:
		default:
		}
	}
}

func (a *caller) round(ctx context.Context) error {
	pems, err := cabundle.View{Reader: a.cluster.client, Targets: targets}.Bundles(ctx)
	if err != nil {
		return err
	}
	for i, address := range a.addresses {
		roots := x509.NewCertPool()
		for _, c := range authority.ParseBundle(pems[i%len(pems)]) {
			roots.AddCert(c)
		}
		dialer := tls.Dialer{
			NetDialer: &net.Dialer{Timeout: DefaultTimeout},
			Config:    &tls.Config{RootCAs: roots, ServerName: serverName, Time: a.cluster.clock.Now, MinVersion: tls.VersionTLS12},
		}
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		_ = connection.Close()
		a.handshakes.Add(1)
	}
	return nil
}
