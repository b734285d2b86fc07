package nodeconfig_test

import (
	"testing"

	"github.com/mullion-dev/mullion/pkg/nodeconfig"
)

// BenchmarkDesired is what one pass over one host costs the node manager.
func BenchmarkDesired(b *testing.B) {
	for _, name := range []string{"minimal", "everything"} {
		b.Run(name, func(b *testing.B) {
			c, p, k, h := config(b, name), programs(), cluster(b), joined()
			b.ReportAllocs()
			for b.Loop() {
				if _, err := nodeconfig.Desired(c, p, k, h); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
