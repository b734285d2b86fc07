package images

import (
	"context"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/image/keyring"
	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Ask returns an outcome for every reference, and with whose credentials it was asked for: from the same cache as
// Facts, which never tells what was learnt with credentials to somebody without them.
func (i *Images) Ask(ctx context.Context, pod *workload.Pod, references []string, anonymously bool) map[string]review.ImageAnswer {
	var ring *keyring.Keyring
	var notes []string
	if !anonymously {
		ring, notes = i.keyrings.Keyring(ctx, pod, true)
	}
	facts := i.resolver.ResolveAll(ctx, references, ring)
	if len(notes) > 0 {
		explain(facts, notes)
	}
	answers := make(map[string]review.ImageAnswer, len(facts))
	for name, result := range facts {
		answers[name] = review.ImageAnswer{ImageResult: result, Credentials: sourceOf(ring, name)}
	}
	return answers
}

// sourceOf says whether a keyring has credentials for an image.
func sourceOf(ring *keyring.Keyring, name string) placementv1alpha1.CredentialSource {
	parsed, err := reference.Parse(name)
	if err == nil && len(ring.Match(parsed).Credentials) > 0 {
		return placementv1alpha1.CredentialsPullSecrets
	}
	return placementv1alpha1.CredentialsAnonymous
}
