package image

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// judge tells what the end of a look-up says about the registry.
func (r *Resolver) judge(err error) (verdict, time.Duration) {
	var failure *registry.Error
	switch {
	case err == nil:
		return verdictHealthy, 0
	case r.background.Err() != nil:
		return verdictNone, 0
	case !errors.As(err, &failure):
		return verdictFailed, 0
	case failure.Outage:
		return verdictFailed, failure.RetryAfter
	case failure.Reason == policy.ImageForbidden:
		return verdictNone, 0 // It was not asked.
	default:
		return verdictHealthy, 0 // It answered, if only to say no.
	}
}

// settle makes the end of a look-up into the answer to remember.
func (r *Resolver) settle(q question, image *policy.Image, err error, now time.Time) *answer {
	if err == nil {
		f, err := compact(image)
		if err != nil {
			return r.problem(&registry.Error{Reason: policy.ImageMalformed, Message: fmt.Sprintf("%s gave no sha256 digest", about(q.image))}, now)
		}
		fresh := now.Add(r.lifetime(q.image.Floating()))
		return &answer{facts: r.cache.share(q.image, f), freshUntil: fresh, staleUntil: fresh.Add(r.options.Lifetimes.Stale)}
	}
	var failure *registry.Error
	if !errors.As(err, &failure) {
		failure = outage("%s could not be reached", about(q.image))
	}
	if failure.Outage && q.last != nil && q.last.facts != nil && now.Before(q.last.staleUntil) {
		return &answer{
			facts:      q.last.facts,
			stale:      true,
			freshUntil: earlier(now.Add(r.options.Lifetimes.Outage), q.last.staleUntil),
			staleUntil: q.last.staleUntil,
		}
	}
	return r.problem(failure, now)
}

func (r *Resolver) problem(failure *registry.Error, now time.Time) *answer {
	lifetime := r.options.Lifetimes.Problem
	if failure.Outage {
		lifetime = r.options.Lifetimes.Outage
	}
	return &answer{
		problem:    &policy.ImageProblem{Reason: failure.Reason, Message: failure.Message},
		freshUntil: now.Add(lifetime),
	}
}

// lifetime is for how long new facts are fresh.
func (r *Resolver) lifetime(floating bool) time.Duration {
	if !floating {
		return r.options.Lifetimes.Digest
	}
	tag := r.options.Lifetimes.Tag
	return tag - tag/10 + rand.N(tag/5+1) // #nosec G404 -- Spreads load, keeps no secret.
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
