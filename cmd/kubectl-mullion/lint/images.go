package lint

import (
	"context"
	"fmt"
	"os"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/registries"
	"github.com/mullion-dev/mullion/pkg/image/imagefile"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// imageFacts are an outcome for every reference, from where the user wants it.
func (o *options) imageFacts(ctx context.Context, references []string) (map[string]policy.ImageResult, error) {
	switch {
	case o.offlineImages != "":
		return o.factsFromFile(references)
	case o.offline:
		return notAsked(references), nil
	default:
		return registries.Resolve(ctx, o.registries, references, o.streams.ErrOut)
	}
}

func (o *options) factsFromFile(references []string) (map[string]policy.ImageResult, error) {
	data, err := os.ReadFile(o.offlineImages)
	if err != nil {
		return nil, fmt.Errorf("--offline-images: %w", err)
	}
	images, err := imagefile.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("--offline-images: %s: %w", o.offlineImages, err)
	}
	facts := make(map[string]policy.ImageResult, len(references))
	for _, reference := range references {
		result, known := images.Result(reference)
		if !known {
			result = unknown("it is not in " + o.offlineImages)
		}
		facts[reference] = result
	}
	return facts, nil
}

func notAsked(references []string) map[string]policy.ImageResult {
	facts := make(map[string]policy.ImageResult, len(references))
	for _, reference := range references {
		facts[reference] = unknown("no registry is asked with --offline")
	}
	return facts
}

func unknown(why string) policy.ImageResult {
	return policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageUnreachable, Message: why}}
}
