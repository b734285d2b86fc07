package windowshost

import (
	"slices"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

const (
	// maxFact is how much of a text that a host says of itself is kept, in bytes. Windows allows 63 for a name, and the
	// names of editions and builds are shorter.
	maxFact = 256
	// maxPendingReboot is how many reasons for a reboot are kept.
	maxPendingReboot = 16
)

// bounded are facts of which the status has room for all that it shows. A host that was taken over may say megabytes:
// objects of that size are refused by the API server, or, where they are not, fill etcd with each look at the host.
func bounded(facts *state.Facts) *state.Facts {
	kept := *facts
	for _, text := range []*string{
		&kept.Build, &kept.Edition, &kept.InstallationType, &kept.Language, &kept.Hostname, &kept.BootID, &kept.AgentVersion,
	} {
		*text = shortened(*text, maxFact)
	}
	kept.PendingReboot = slices.Clone(kept.PendingReboot[:min(len(kept.PendingReboot), maxPendingReboot)])
	for i := range kept.PendingReboot {
		kept.PendingReboot[i] = shortened(kept.PendingReboot[i], maxFact)
	}
	return &kept
}
