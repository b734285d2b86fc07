package servingcert

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/go-logr/logr"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
	"github.com/mullion-dev/mullion/pkg/servingcert/cabundle"
)

const (
	day        = 24 * time.Hour
	serverName = "mullion-webhook.mullion-system.svc"

	caLifetime   = 30 * day
	leafLifetime = 6 * day
)

var (
	epoch      = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	secretName = types.NamespacedName{Namespace: "mullion-system", Name: "mullion-webhook-ca"}
	targets    = []cabundle.Target{cabundle.MutatingWebhook("mullion"), cabundle.ValidatingWebhook("mullion")}
)

// errDown is what every request to a cluster that is down ends with.
var errDown = errors.New("connection refused")

// cluster is an API server's storage, a clock that the test moves, and the injector.
type cluster struct {
	t      testing.TB
	client client.Client
	clock  *clocktesting.FakeClock

	injector *cabundle.Reconciler
	// down makes every request fail; before, if set, runs once ahead of the next write of the Secret.
	down   bool
	before func()
	// caLifetime is that of the authorities that its replicas make.
	caLifetime time.Duration
}

func newCluster(t testing.TB) *cluster {
	t.Helper()
	c := &cluster{t: t, clock: clocktesting.NewFakeClock(epoch), caLifetime: caLifetime}
	c.client = fake.NewClientBuilder().WithObjects(
		&admissionregistrationv1.MutatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "mullion"},
			Webhooks:   []admissionregistrationv1.MutatingWebhook{{Name: "pods.mullion.dev"}},
		},
		&admissionregistrationv1.ValidatingWebhookConfiguration{
			ObjectMeta: metav1.ObjectMeta{Name: "mullion"},
			Webhooks:   []admissionregistrationv1.ValidatingWebhook{{Name: "pods.mullion.dev"}, {Name: "workloads.mullion.dev"}},
		},
	).WithInterceptorFuncs(interceptor.Funcs{
		Get: func(ctx context.Context, w client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if c.down {
				return errDown
			}
			return w.Get(ctx, key, o, opts...)
		},
		Create: func(ctx context.Context, w client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			c.race()
			return w.Create(ctx, o, opts...)
		},
		Update: func(ctx context.Context, w client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			c.race()
			return w.Update(ctx, o, opts...)
		},
	}).Build()
	injector, err := cabundle.NewReconciler(cabundle.Options{
		Reader: c.client, Writer: c.client, Secret: secretName, Targets: targets, Clock: c.clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	c.injector = injector
	return c
}

func (c *cluster) race() {
	if before := c.before; before != nil {
		c.before = nil
		before()
	}
}

func (c *cluster) options() Options {
	return Options{
		Client: c.client, Secret: secretName, DNSNames: []string{serverName},
		Trust:      cabundle.View{Reader: c.client, Targets: targets},
		CALifetime: c.caLifetime, LeafLifetime: leafLifetime,
		Clock: c.clock, Jitter: func() float64 { return 0.5 },
	}
}

func (c *cluster) replica() *Source {
	c.t.Helper()
	s, err := NewSource(c.options())
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

func (c *cluster) sync(replicas ...*Source) {
	c.t.Helper()
	for _, s := range replicas {
		if err := s.sync(context.Background()); err != nil {
			c.t.Fatal(err)
		}
	}
}

func (c *cluster) inject() {
	c.t.Helper()
	if _, err := c.injector.Reconcile(logr.NewContext(context.Background(), logr.Discard()), reconcile.Request{}); err != nil {
		c.t.Fatal(err)
	}
}

// settle brings replicas and injector to rest: everything that waits for SettleDelay has had it.
func (c *cluster) settle(replicas ...*Source) {
	c.t.Helper()
	for range 4 {
		c.sync(replicas...)
		c.inject()
		c.clock.Step(DefaultSettleDelay)
	}
	c.sync(replicas...)
}

// state returns the authority as the Secret holds it; nil if there is none that can be read.
func (c *cluster) state() *authority.State {
	c.t.Helper()
	secret := &corev1.Secret{}
	if err := c.client.Get(context.Background(), secretName, secret); apierrors.IsNotFound(err) {
		return nil
	} else if err != nil {
		c.t.Fatal(err)
	}
	state, err := authority.Decode(secret)
	if err != nil {
		return nil
	}
	return state
}

func (c *cluster) deleteSecret() {
	c.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: secretName.Namespace, Name: secretName.Name}}
	if err := client.IgnoreNotFound(c.client.Delete(context.Background(), secret)); err != nil {
		c.t.Fatal(err)
	}
}

// overwrite puts data into the keys of the Secret, if there is one.
func (c *cluster) overwrite(data map[string][]byte) {
	c.t.Helper()
	secret := &corev1.Secret{}
	if err := c.client.Get(context.Background(), secretName, secret); apierrors.IsNotFound(err) {
		return
	} else if err != nil {
		c.t.Fatal(err)
	}
	for key, value := range data {
		secret.Data[key] = value
	}
	if err := c.client.Update(context.Background(), secret); err != nil {
		c.t.Fatal(err)
	}
}

// bundles returns what the targets trust now.
func (c *cluster) bundles() []authority.Bundle {
	c.t.Helper()
	pems, err := cabundle.View{Reader: c.client, Targets: targets}.Bundles(context.Background())
	if err != nil {
		c.t.Fatal(err)
	}
	bundles := make([]authority.Bundle, 0, len(pems))
	for _, pem := range pems {
		bundles = append(bundles, authority.ParseBundle(pem))
	}
	return bundles
}

// call does what an API server that trusts these bundles does with the certificate of a replica.
func call(s *Source, bundles []authority.Bundle, now time.Time) error {
	certificate, err := s.GetCertificate(nil)
	if err != nil {
		return err
	}
	for i, b := range bundles {
		roots := x509.NewCertPool()
		for _, c := range b {
			roots.AddCert(c)
		}
		if _, err := certificate.Leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: serverName, CurrentTime: now}); err != nil {
			return fmt.Errorf("endpoint %d: %w", i, err)
		}
	}
	return nil
}

func (c *cluster) mustBeTrusted(replicas ...*Source) {
	c.t.Helper()
	for i, s := range replicas {
		if err := s.Ready(nil); err != nil {
			c.t.Errorf("replica %d is not ready: %v", i, err)
		}
		if err := call(s, c.bundles(), c.clock.Now()); err != nil {
			c.t.Errorf("replica %d: %v", i, err)
		}
	}
}

// signer is the CA behind what a replica serves.
func signer(s *Source) *x509.Certificate { return s.serving.Load().ca }
