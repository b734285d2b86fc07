package paired

import "slices"

// Quartiles are where the middle half of some values lies.
type Quartiles struct{ Low, Median, High float64 }

// QuartilesOf returns the quartiles of at least one value.
func QuartilesOf(values []float64) Quartiles {
	return Quartiles{Low: Quantile(values, 0.25), Median: Quantile(values, 0.5), High: Quantile(values, 0.75)}
}

// Ratios returns the quartiles of one contender's values relative to another's of the same round. Both have one
// value for each of at least one round.
func Ratios(values, relativeTo []float64) Quartiles {
	ratios := make([]float64, len(values))
	for round, value := range values {
		ratios[round] = value / relativeTo[round]
	}
	return QuartilesOf(ratios)
}

// Quantile is the value below which the given share of at least one value lies, by the nearest rank.
func Quantile(values []float64, share float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
