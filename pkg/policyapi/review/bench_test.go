package review_test

import "testing"

// BenchmarkReview is a review of a pod whose images are known.
func BenchmarkReview(b *testing.B) {
	w := newWorld(b, offering("default", ws2025, ws2022, ws2019))
	reviewer := w.reviewer(b)
	q := question(windowsPod(nil, "core:2022", "core:multi"))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := reviewer.Review(b.Context(), q); err != nil {
			b.Fatal(err)
		}
	}
}
