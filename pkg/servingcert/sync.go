package servingcert

import (
	"context"
	"crypto/x509"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// sync is one pass: read the authority, see who is trusted, move the authority on if it is time, and decide
// what to serve. It signs with nothing that it did not read, or write, in the same pass.
//
// A target that cannot be read does not end the pass: nothing counts as trusted then, which holds up changes
// of the CA but not the renewal of a leaf.
func (s *Source) sync(ctx context.Context) error {
	// Taken before reading, because RetireAfter counts on it: see the package comment.
	now := s.options.Clock.Now()

	secret, err := s.store.read(ctx)
	if err != nil {
		return err
	}
	state, unreadable := decode(secret)
	trustErr := s.look(ctx, now, state)
	if state, err = s.advance(ctx, now, secret, state, unreadable); err != nil {
		return err
	}
	if err := s.serve(now, state); err != nil {
		return err
	}
	return trustErr
}

func decode(secret *corev1.Secret) (*authority.State, error) {
	if secret == nil {
		return nil, nil
	}
	return authority.Decode(secret)
}

// look notes which CAs are trusted now: of the authority, and the one behind what is being served.
func (s *Source) look(ctx context.Context, now time.Time, state *authority.State) error {
	pems, err := s.options.Trust.Bundles(ctx)
	if err != nil {
		s.trust.lose()
		return fmt.Errorf("reading what the API server trusts: %w", err)
	}
	bundles := make([]authority.Bundle, len(pems))
	for i, pem := range pems {
		bundles[i] = authority.ParseBundle(pem)
	}
	var interest []*x509.Certificate
	if state != nil {
		interest = state.Trusted()
	}
	if present := s.serving.Load(); present != nil {
		interest = append(interest, present.ca)
	}
	s.trust.observe(now, bundles, interest...)
	return nil
}

// advance writes the next state of the authority if it is time for one, and returns the one that holds.
func (s *Source) advance(
	ctx context.Context, now time.Time, secret *corev1.Secret, state *authority.State, unreadable error,
) (*authority.State, error) {
	next, step, err := s.plan(now, state, unreadable)
	if err != nil || step == authority.StepNone {
		return next, err
	}
	if err := s.store.write(ctx, secret, next); err != nil {
		return nil, err
	}
	s.metrics.rotations.WithLabelValues(labelCA, string(step)).Inc()
	s.options.Log.Info("changed the serving authority", "step", step, "secret", s.options.Secret,
		"signing", next.Signing.Certificate.Subject.CommonName, "retirePreviousAfter", next.RetireAfter.UTC().Format(time.RFC3339))
	return next, nil
}

func (s *Source) plan(now time.Time, state *authority.State, unreadable error) (*authority.State, authority.Step, error) {
	if unreadable != nil {
		s.options.Log.Error(unreadable, "the serving authority cannot be read and is replaced", "secret", s.options.Secret)
		return s.issuer.Replace(now)
	}
	return s.issuer.Plan(state, now, func(c *x509.Certificate) bool { return s.trust.level(c, now) == settled })
}

// serve puts another leaf into use if there is reason to.
func (s *Source) serve(now time.Time, state *authority.State) error {
	ca, present := state.Signing, s.serving.Load()
	s.metrics.expiry.WithLabelValues(labelCA).Set(float64(ca.Certificate.NotAfter.Unix()))

	expired := present != nil && s.issuer.Expired(present.certificate.Leaf, now)
	why := choose(present, ca.Certificate, s.trust, now, expired)
	if why == keep {
		s.accept(now, present)
		return nil
	}
	certificate, err := ca.IssueLeaf(s.options.DNSNames, now, s.options.LeafLifetime, s.options.ClockSkew)
	if err != nil {
		return err
	}
	life := certificate.Leaf.NotAfter.Sub(certificate.Leaf.NotBefore)
	s.accept(now, &leaf{
		certificate: certificate,
		ca:          ca.Certificate,
		renewAt:     authority.RenewAt(certificate.Leaf).Add(time.Duration(s.options.Jitter() * float64(life) / renewalSpread)),
		accepted:    present != nil && present.accepted,
	})
	s.metrics.rotations.WithLabelValues(labelLeaf, string(why)).Inc()
	s.metrics.expiry.WithLabelValues(labelLeaf).Set(float64(certificate.Leaf.NotAfter.Unix()))
	s.options.Log.Info("serving a new certificate", "reason", why, "ca", ca.Certificate.Subject.CommonName,
		"expires", certificate.Leaf.NotAfter)
	return nil
}

// renewalSpread is the divisor of a leaf's life that gives the time over which renewals are spread: from two
// thirds of its life to three quarters.
const renewalSpread = 12

// accept publishes a leaf, as accepted from the moment that its CA is trusted.
func (s *Source) accept(now time.Time, l *leaf) {
	if !l.accepted && s.trust.level(l.ca, now) == settled {
		accepted := *l
		accepted.accepted = true
		l = &accepted
	}
	s.serving.Store(l)
}
