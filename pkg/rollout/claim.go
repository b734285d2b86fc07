package rollout

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// maxClaimMessage is how many bytes of a message a claim has room for.
const maxClaimMessage = 1024

// Claim is what the status of a host shows that has asked for a turn and was told the decision; nil where it may go.
// Before is what the status showed until now: a host that asks again for the same has waited since then.
func Claim(ask Ask, decision Decision, before *v1alpha1.HostClaim, now metav1.Time) *v1alpha1.HostClaim {
	if decision.May {
		return nil
	}
	claim := &v1alpha1.HostClaim{
		Reason:  ask.Reason,
		Digest:  ask.Digest,
		Since:   now,
		Refusal: decision.Reason,
		Message: truncated(decision.Message, maxClaimMessage),
	}
	if before != nil && before.Reason == ask.Reason {
		claim.Since = before.Since
	}
	return claim
}

// truncated is what fits of a message, cut between characters.
func truncated(message string, limit int) string {
	const ellipsis = "…"
	if len(message) <= limit {
		return message
	}
	end := 0
	for i := range message {
		if i > limit-len(ellipsis) {
			break
		}
		end = i
	}
	return message[:end] + ellipsis
}
