package imagefile

import (
	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Images are those of a file. They are immutable.
type Images struct {
	// byReference finds images by the canonical spelling of their reference, and byDigest by that of the reference
	// which names their digest.
	byReference, byDigest map[string]*Image
}

// Result is what the file says of an image, and whether it says anything. An image that is named by its digest is
// found under its tag too, if the file says that the tag has the digest.
func (i *Images) Result(spelling string) (policy.ImageResult, bool) {
	parsed, err := reference.Parse(spelling)
	if err != nil {
		return policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageInvalidReference, Message: err.Error()}}, true
	}
	if image, found := i.byReference[parsed.String()]; found {
		return image.result(spelling), true
	}
	if image, found := i.byDigest[parsed.String()]; found {
		return image.result(spelling), true
	}
	return policy.ImageResult{}, false
}
