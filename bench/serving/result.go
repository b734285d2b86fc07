package main

import (
	"slices"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/paired"
)

// result is what was measured of one contender. Durations are in microseconds.
type result struct {
	Name  string `json:"name"`
	Title string `json:"title"`
	// Reviews is how many reviews were answered.
	Reviews int `json:"reviews"`
	// CPU is the median over the rounds of the server's CPU time per review.
	CPU float64 `json:"cpuMicros"`
	// Ratio is the median over the rounds of CPU relative to the yardstick's in the same round; RatioLow and
	// RatioHigh are the quartiles.
	Ratio     float64 `json:"ratio"`
	RatioLow  float64 `json:"ratioLow"`
	RatioHigh float64 `json:"ratioHigh"`
	// P50 and P99 are quantiles of the latency that the client saw.
	P50 float64 `json:"p50Micros"`
	P99 float64 `json:"p99Micros"`
	// MaxResidentMiB is the most memory that the server had resident.
	MaxResidentMiB float64 `json:"maxResidentMiB"`
}

func summarize(all []*running) []result {
	perReview := make([][]float64, len(all))
	for i, r := range all {
		perReview[i] = micros(r.perReview)
	}
	reference := perReview[slices.IndexFunc(all, func(r *running) bool { return r.contender.name == yardstick })]
	results := make([]result, len(all))
	for i, r := range all {
		ratio, took := paired.Ratios(perReview[i], reference), micros(r.took)
		results[i] = result{
			Name:           r.contender.name,
			Title:          r.contender.title,
			Reviews:        len(took),
			CPU:            paired.Quantile(perReview[i], 0.5),
			Ratio:          ratio.Median,
			RatioLow:       ratio.Low,
			RatioHigh:      ratio.High,
			P50:            paired.Quantile(took, 0.5),
			P99:            paired.Quantile(took, 0.99),
			MaxResidentMiB: float64(r.peak) / (1 << 20),
		}
	}
	return results
}

func micros(durations []time.Duration) []float64 {
	all := make([]float64, len(durations))
	for i, d := range durations {
		all[i] = float64(d) / float64(time.Microsecond)
	}
	return all
}
