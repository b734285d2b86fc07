package main

import (
	"slices"
	"time"
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
	reference := slices.IndexFunc(all, func(r *running) bool { return r.contender.name == yardstick })
	results := make([]result, len(all))
	for i, r := range all {
		var cpu, ratios, latencies []float64
		for round, perReview := range r.perReview {
			cpu = append(cpu, micros(perReview))
			ratios = append(ratios, float64(perReview)/float64(all[reference].perReview[round]))
		}
		for _, took := range r.took {
			latencies = append(latencies, micros(took))
		}
		results[i] = result{
			Name:           r.contender.name,
			Title:          r.contender.title,
			Reviews:        len(r.took),
			CPU:            quantile(cpu, 0.5),
			Ratio:          quantile(ratios, 0.5),
			RatioLow:       quantile(ratios, 0.25),
			RatioHigh:      quantile(ratios, 0.75),
			P50:            quantile(latencies, 0.5),
			P99:            quantile(latencies, 0.99),
			MaxResidentMiB: float64(r.peak) / 1024,
		}
	}
	return results
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// quantile is the value below which the given share of the values lies, by the nearest rank.
func quantile(values []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
