package fleet

import (
	"context"
	"fmt"
	"os"

	"github.com/mullion-dev/mullion/pkg/image/imagefile"
	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// facts are the images of the file that the user names; nil where the policy server is to be asked.
func (o *options) facts() (impact.Images, error) {
	if o.offlineImages == "" {
		return nil, nil //nolint:nilnil // There is no file, and nothing wrong with that.
	}
	data, err := os.ReadFile(o.offlineImages)
	if err != nil {
		return nil, fmt.Errorf("--offline-images: %w", err)
	}
	images, err := imagefile.Decode(data)
	if err != nil {
		return nil, fmt.Errorf("--offline-images: %s: %w", o.offlineImages, err)
	}
	return &fromFile{images}, nil
}

// fromFile tells what a file says of images.
type fromFile struct{ images *imagefile.Images }

// Facts returns an outcome for every reference. One that the file does not know is a problem.
func (f *fromFile) Facts(_ context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	facts := make(map[string]policy.ImageResult, len(references))
	for _, reference := range references {
		result, known := f.images.Result(reference)
		if !known {
			result.Problem = &policy.ImageProblem{Reason: policy.ImageNotFound, Message: "it is not in the file that --offline-images names"}
		}
		facts[reference] = result
	}
	return facts
}
