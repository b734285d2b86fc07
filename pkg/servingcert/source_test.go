package servingcert

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr/funcr"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

func TestAReplicaIsReadyOnceItsCAIsTrusted(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	if _, err := s.GetCertificate(nil); !errors.Is(err, errNoCertificate) {
		t.Errorf("before the first pass: %v", err)
	}
	if err := s.Ready(nil); !errors.Is(err, errNoCertificate) {
		t.Errorf("ready before the first pass: %v", err)
	}
	c.sync(s)
	if err := s.Ready(nil); err == nil || !strings.Contains(err.Error(), "not in every caBundle") {
		t.Errorf("ready before the CA is trusted: %v", err)
	}
	c.inject()
	c.sync(s) // no other CA is trusted, so there is nothing to wait for
	c.mustBeTrusted(s)
}

func TestReplicasThatRaceToCreateTheAuthorityShareOne(t *testing.T) {
	c := newCluster(t)
	a, b := c.replica(), c.replica()
	c.before = func() { c.sync(b) }
	if err := a.sync(context.Background()); !errors.Is(err, errRaced) {
		t.Fatalf("error = %v, want that the race was lost", err)
	}
	c.settle(a, b)
	c.mustBeTrusted(a, b)
	if !signer(a).Equal(signer(b)) || !signer(a).Equal(c.state().Signing.Certificate) {
		t.Error("the replicas serve leaves of different CAs")
	}
}

func TestReplicasThatRaceToReplaceTheAuthorityShareOne(t *testing.T) {
	c := newCluster(t)
	a, b := c.replica(), c.replica()
	c.settle(a, b)
	c.overwrite(map[string][]byte{corev1.TLSPrivateKeyKey: []byte("garbage")})
	c.before = func() { c.sync(b) }
	if err := a.sync(context.Background()); !errors.Is(err, errRaced) {
		t.Fatalf("error = %v, want that the race was lost", err)
	}
	c.settle(a, b)
	c.mustBeTrusted(a, b)
	if !signer(a).Equal(signer(b)) || !signer(a).Equal(c.state().Signing.Certificate) {
		t.Error("the replicas serve leaves of different CAs")
	}
}

func TestADeletedSecretHealsAndTheOldLeafIsServedUntilTheNewCAIsTrusted(t *testing.T) {
	c := newCluster(t)
	a, b := c.replica(), c.replica()
	c.settle(a, b)
	old := signer(a)

	c.deleteSecret()
	c.sync(a, b)
	fresh := c.state().Signing.Certificate
	if fresh.Equal(old) {
		t.Fatal("the CA is the same")
	}
	for range 3 {
		c.clock.Step(DefaultInterval)
		c.sync(a, b)
		c.mustBeTrusted(a, b)
	}
	if !signer(a).Equal(old) || !signer(b).Equal(old) {
		t.Error("a replica switched to a CA that nobody trusts")
	}

	newcomer := c.replica()
	c.sync(newcomer)
	if newcomer.Ready(nil) == nil {
		t.Error("a new replica is ready with a CA that nobody trusts")
	}

	c.inject()
	c.sync(a, b, newcomer)
	if !signer(a).Equal(old) || newcomer.Ready(nil) == nil {
		t.Error("a replica relied on a CA that has just been injected")
	}
	c.mustBeTrusted(a, b)

	c.clock.Step(DefaultSettleDelay)
	c.sync(a, b, newcomer)
	c.mustBeTrusted(a, b, newcomer)
	if !signer(a).Equal(fresh) || !signer(b).Equal(fresh) {
		t.Error("a replica did not switch to the new CA")
	}
}

func TestAReplicaStopsWaitingForTrustWhenItsLeafExpires(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	c.settle(s)
	old, end := signer(s), s.serving.Load().certificate.Leaf.NotAfter
	c.deleteSecret()

	c.clock.SetTime(end.Add(-DefaultClockSkew - time.Second))
	c.sync(s)
	if !signer(s).Equal(old) {
		t.Error("switched while the old leaf is good")
	}
	c.clock.SetTime(end.Add(-DefaultClockSkew))
	c.sync(s)
	if !signer(s).Equal(c.state().Signing.Certificate) {
		t.Error("serves an old leaf to its end")
	}
}

func TestAReplicaSwitchesAtOnceWhenItsOwnCAIsNotTrustedAnyMore(t *testing.T) {
	c := newCluster(t)
	a, b := c.replica(), c.replica()
	c.settle(a, b)
	c.deleteSecret()
	c.sync(b) // makes the new CA; both have yet to see it trusted
	emptyCABundles(c)
	c.inject()
	c.sync(a, b)
	c.mustBeTrusted(a, b)
}

func TestGarbageInTheSecretIsReplacedAndReported(t *testing.T) {
	garbage := map[string]map[string][]byte{
		"in the key":         {corev1.TLSPrivateKeyKey: []byte("c4nary")},
		"in the certificate": {corev1.TLSCertKey: []byte("c4nary")},
		"in the trust":       {"ca.crt": []byte("c4nary")},
		"in a staged CA":     {"next.crt": []byte("c4nary"), "next.key": []byte("c4nary")},
	}
	for name, data := range garbage {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			var log bytes.Buffer
			options, registry := c.options(), prometheus.NewRegistry()
			options.Registry = registry
			options.Log = funcr.New(func(_, line string) { log.WriteString(line + "\n") }, funcr.Options{})
			s, err := NewSource(options)
			if err != nil {
				t.Fatal(err)
			}
			c.settle(s)
			log.Reset()

			c.overwrite(data)
			c.sync(s)
			if c.state() == nil {
				t.Fatal("the secret still holds garbage")
			}
			if got := testutil.ToFloat64(s.metrics.rotations.WithLabelValues(labelCA, string(authority.StepReplace))); got != 1 {
				t.Errorf("counted %v replacements, want 1", got)
			}
			if text := log.String(); !strings.Contains(text, "cannot be read and is replaced") || strings.Contains(text, "c4nary") {
				t.Errorf("log: %s", text)
			}
			c.mustBeTrusted(s)
			c.settle(s)
			c.mustBeTrusted(s)
		})
	}
}

func TestAnExpiredAuthorityIsReplaced(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	c.settle(s)
	old := c.state().Signing.Certificate
	c.clock.Step(2 * caLifetime) // everything was switched off meanwhile
	if s.Ready(nil) == nil {
		t.Error("ready with an expired certificate")
	}
	c.settle(s)
	c.mustBeTrusted(s)
	if c.state().Signing.Certificate.Equal(old) || c.bundles()[0].Contains(old) {
		t.Error("the expired CA is still there")
	}
}

func TestALeafIsRenewedBetweenTwoThirdsAndThreeQuartersOfItsLife(t *testing.T) {
	for name, jitter := range map[string]float64{"earliest": 0, "latest": 0.999} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			options := c.options()
			options.Jitter = func() float64 { return jitter }
			s, err := NewSource(options)
			if err != nil {
				t.Fatal(err)
			}
			c.settle(s)
			first := s.serving.Load()
			life := first.certificate.Leaf.NotAfter.Sub(first.certificate.Leaf.NotBefore)
			begin := first.certificate.Leaf.NotBefore

			c.clock.SetTime(begin.Add(life*2/3 - time.Second))
			c.sync(s)
			if s.serving.Load().certificate != first.certificate {
				t.Error("renewed before two thirds of its life")
			}
			c.clock.SetTime(begin.Add(life * 3 / 4))
			c.sync(s)
			if s.serving.Load().certificate == first.certificate {
				t.Error("not renewed at three quarters of its life")
			}
			c.mustBeTrusted(s)
		})
	}
}

func TestALeafIsRenewedWhileTheTargetsCannotBeRead(t *testing.T) {
	c := newCluster(t)
	options := c.options()
	view := &unreliableView{TrustView: options.Trust}
	options.Trust = view
	s, err := NewSource(options)
	if err != nil {
		t.Fatal(err)
	}
	c.settle(s)
	first := s.serving.Load().certificate
	view.err = errors.New("forbidden")
	c.clock.Step(leafLifetime * 3 / 4)
	if err := s.sync(context.Background()); !errors.Is(err, view.err) {
		t.Errorf("error = %v, want that of the view", err)
	}
	if s.serving.Load().certificate == first {
		t.Error("not renewed")
	}
	c.mustBeTrusted(s)
}

func TestNothingIsLostWhileTheAPIServerIsDown(t *testing.T) {
	c := newCluster(t)
	s := c.replica()
	c.settle(s)
	before := s.serving.Load().certificate
	c.down = true
	c.clock.Step(day)
	if err := s.sync(context.Background()); !errors.Is(err, errDown) {
		t.Fatalf("error = %v", err)
	}
	if s.Ready(nil) != nil || s.serving.Load().certificate != before {
		t.Error("what is served changed")
	}
	c.down = false
	c.sync(s)
	c.mustBeTrusted(s)
}

func TestMetricsTellExpiryAndRotations(t *testing.T) {
	c := newCluster(t)
	options, registry := c.options(), prometheus.NewRegistry()
	options.Registry = registry
	s, err := NewSource(options)
	if err != nil {
		t.Fatal(err)
	}
	c.sync(s)
	want := `
# HELP mullion_serving_certificate_expiry_timestamp_seconds When the certificate in use expires, in seconds since 1970. certificate is leaf or ca.
# TYPE mullion_serving_certificate_expiry_timestamp_seconds gauge
mullion_serving_certificate_expiry_timestamp_seconds{certificate="ca"} 1.896048e+09
mullion_serving_certificate_expiry_timestamp_seconds{certificate="leaf"} 1.8939744e+09
# HELP mullion_serving_certificate_rotations_total Certificates put into use or, for a CA, staged by this process, by reason. certificate is leaf or ca.
# TYPE mullion_serving_certificate_rotations_total counter
mullion_serving_certificate_rotations_total{certificate="ca",reason="create"} 1
mullion_serving_certificate_rotations_total{certificate="leaf",reason="first"} 1
`
	if err := testutil.GatherAndCompare(registry, strings.NewReader(want),
		"mullion_serving_certificate_expiry_timestamp_seconds", "mullion_serving_certificate_rotations_total"); err != nil {
		t.Error(err)
	}
}

// unreliableView fails with err if that is set.
type unreliableView struct {
	TrustView
	err error
}

func (v *unreliableView) Bundles(ctx context.Context) ([][]byte, error) {
	if v.err != nil {
		return nil, v.err
	}
	return v.TrustView.Bundles(ctx)
}
