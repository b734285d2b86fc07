package image

import (
	"time"

	"github.com/mullion-dev/mullion/pkg/policy"
)

// Metrics is told what happens. Its arguments are bounded sets, fit for labels: no image, registry or
// namespace is ever among them. It is called often and from many goroutines.
type Metrics interface {
	// Answered is called once for each reference that is resolved.
	Answered(source Source, outcome Outcome)
	// LookedUp is called at the end of each look-up, with how long it took, waiting its turn included.
	LookedUp(outcome Outcome, took time.Duration)
}

// Source is where an answer came from.
type Source string

const (
	// SourceCache is an answer that was at hand and fresh.
	SourceCache Source = "cache"
	// SourceExpired is an answer that was at hand and had expired; it is being renewed, or cannot be.
	SourceExpired Source = "expired"
	// SourceRegistry is a look-up that was waited for.
	SourceRegistry Source = "registry"
	// SourceNone means that no look-up was needed or possible: the reference is invalid, the registry not allowed, busy
	// or being left alone.
	SourceNone Source = "none"
)

// Outcome is OutcomeFound or one of policy's reasons.
type Outcome string

// OutcomeFound means that the image's facts are known.
const OutcomeFound Outcome = "Found"

func outcomeOf(result policy.ImageResult) Outcome {
	if result.Problem != nil {
		return Outcome(result.Problem.Reason)
	}
	return OutcomeFound
}

type noMetrics struct{}

// Answered does nothing.
func (noMetrics) Answered(Source, Outcome) {}

// LookedUp does nothing.
func (noMetrics) LookedUp(Outcome, time.Duration) {}
