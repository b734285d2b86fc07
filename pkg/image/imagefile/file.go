package imagefile

import (
	"github.com/mullion-dev/mullion/pkg/policy"
)

// File is what the file holds.
type File struct {
	Images []Image `json:"images"`
}

// Image is one image, or why nothing is known of it.
type Image struct {
	// Reference is the image as a pod names it.
	Reference string `json:"reference"`
	// Digest is what the reference resolved to, "sha256:…".
	Digest string `json:"digest,omitempty"`
	// Index tells that the reference names an index of several images rather than a single manifest.
	Index bool `json:"index,omitempty"`
	// Platforms are the images behind the reference, in the order of the index.
	Platforms []Platform `json:"platforms,omitempty"`
	// RunsOn are the Windows builds on which the image runs. It is for the reader; decisions do not use it.
	RunsOn []string `json:"runsOn,omitempty"`
	// Problem says why nothing else is known.
	Problem *Problem `json:"problem,omitempty"`
}

// Platform is one image behind a reference, as [policy.Platform] has it.
type Platform struct {
	OS           string   `json:"os"`
	Architecture string   `json:"architecture"`
	OSVersion    string   `json:"osVersion,omitempty"`
	OSFeatures   []string `json:"osFeatures,omitempty"`
	Digest       string   `json:"digest,omitempty"`
}

// Problem is why an image could not be inspected, as [policy.ImageProblem] has it.
type Problem struct {
	Reason  policy.ImageProblemReason `json:"reason"`
	Message string                    `json:"message"`
}

// FromResult is an outcome as the file has it.
func FromResult(reference string, result policy.ImageResult) Image {
	if result.Problem != nil {
		return Image{Reference: reference, Problem: &Problem{result.Problem.Reason, result.Problem.Message}}
	}
	image := Image{Reference: reference, Digest: result.Image.Digest, Index: result.Image.Index}
	for _, p := range result.Image.Platforms {
		image.Platforms = append(image.Platforms, Platform(p))
	}
	return image
}

// result is the outcome again, for a reference spelled as given.
func (i *Image) result(spelling string) policy.ImageResult {
	if i.Problem != nil {
		return policy.ImageResult{Problem: &policy.ImageProblem{Reason: i.Problem.Reason, Message: i.Problem.Message}}
	}
	image := &policy.Image{Reference: spelling, Digest: i.Digest, Index: i.Index}
	for _, p := range i.Platforms {
		image.Platforms = append(image.Platforms, policy.Platform(p))
	}
	return policy.ImageResult{Image: image}
}
