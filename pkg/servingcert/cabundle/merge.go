package cabundle

import (
	"crypto/x509"
	"time"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

// maxBundle is the most CAs that a caBundle may hold. At less than 1 KiB each, a configuration with a dozen
// webhooks stays far below what an object may weigh (1.5 MiB), even if somebody deletes the Secret in a loop.
const maxBundle = 32

// merge is what a caBundle should be: the CAs of the authority, then, if earlier CAs are to be kept, the ones
// that are there already and have not expired. Both keep their order, so the newest come first; those that
// do not fit are dropped from the end.
func merge(present, wanted authority.Bundle, keepEarlier bool, now time.Time) authority.Bundle {
	merged := make(authority.Bundle, 0, len(wanted)+len(present))
	add := func(c *x509.Certificate) {
		if !merged.Contains(c) && len(merged) < maxBundle {
			merged = append(merged, c)
		}
	}
	for _, c := range wanted {
		add(c)
	}
	for _, c := range present {
		if keepEarlier && now.Before(c.NotAfter) {
			add(c)
		}
	}
	return merged
}
