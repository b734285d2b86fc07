package image

import (
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/image/registry"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// about begins a sentence on what a registry was asked.
func about(image reference.Reference) string {
	return fmt.Sprintf("registry %s, asked for %s,", image.Registry(), image.Short())
}

func outage(format string, args ...any) *registry.Error {
	return &registry.Error{Reason: policy.ImageUnreachable, Message: fmt.Sprintf(format, args...), Outage: true}
}

// leftAlone: the breaker is open.
func leftAlone(image reference.Reference, wait time.Duration) *registry.Error {
	return outage("registry %s is not asked for %s: it failed several times in a row or asked to be left alone, and is tried again in %s",
		image.Registry(), image.Short(), wait.Round(time.Second))
}

// busy: too much is asked of the registry at once.
func busy(image reference.Reference, why string) *registry.Error {
	return outage("registry %s was not asked for %s: %s, since many other images are being looked up", image.Registry(), image.Short(), why)
}

func timedOut(image reference.Reference, budget time.Duration) *policy.ImageProblem {
	return &policy.ImageProblem{Reason: policy.ImageTimeout, Message: fmt.Sprintf(
		"%s did not answer within %s; the look-up goes on in the background, so try again in a moment", about(image), budget)}
}

func notAllowed(image reference.Reference) *policy.ImageProblem {
	return &policy.ImageProblem{Reason: policy.ImageForbidden, Message: fmt.Sprintf(
		"registry %s is not asked for %s: it is not one of the registries that the administrator allows", image.Registry(), image.Short())}
}

func invalid(err error) *policy.ImageProblem {
	return &policy.ImageProblem{Reason: policy.ImageInvalidReference, Message: err.Error()}
}

// refuse says why no look-up can be started now, if so. The caller holds r.mu.
func (r *Resolver) refuse(h *host, image reference.Reference, now time.Time) *policy.ImageProblem {
	var failure *registry.Error
	wait := h.breaker.rejecting(now)
	switch {
	case r.background.Err() != nil:
		failure = outage("registry %s is not asked for %s: shutting down", image.Registry(), image.Short())
	case wait > 0:
		failure = leftAlone(image, wait)
	case len(r.flights) >= r.options.MaxQueued, h.queued >= r.options.MaxQueuedPerRegistry:
		failure = busy(image, "too many look-ups are waiting their turn")
	default:
		return nil
	}
	return &policy.ImageProblem{Reason: failure.Reason, Message: failure.Message}
}
