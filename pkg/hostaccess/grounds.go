package hostaccess

import (
	"fmt"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/ssh/hostkey"
)

// grounds are fingerprints and authorities as the check of host keys wants them.
func grounds(trust *v1alpha1.HostKeyTrust) (hostkey.Policy, error) {
	var policy hostkey.Policy
	for i, fingerprint := range trust.Fingerprints {
		pin, err := hostkey.ParsePin(fingerprint)
		if err != nil {
			return hostkey.Policy{}, fmt.Errorf("fingerprint %d of the host's keys: %w", i+1, err)
		}
		policy.Pins = append(policy.Pins, pin)
	}
	for i, line := range trust.Authorities {
		authority, err := hostkey.ParseAuthority([]byte(line))
		if err != nil {
			return hostkey.Policy{}, fmt.Errorf("authority %d of host certificates: %w", i+1, err)
		}
		policy.Authorities = append(policy.Authorities, authority)
	}
	return policy, nil
}
