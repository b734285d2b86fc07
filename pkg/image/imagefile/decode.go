package imagefile

import (
	"errors"
	"fmt"

	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Decode reads the content of a file. Fields that it does not know are refused, and so is an image that says two
// things. The error names every image at fault.
func Decode(data []byte) (*Images, error) {
	var file File
	if err := yaml.UnmarshalStrict(data, &file); err != nil {
		return nil, fmt.Errorf("reading images: %w", err)
	}
	images := &Images{byReference: make(map[string]*Image, len(file.Images)), byDigest: map[string]*Image{}}
	var errs []error
	for i := range file.Images {
		if err := images.add(&file.Images[i]); err != nil {
			errs = append(errs, fmt.Errorf("images[%d]: %w", i, err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return images, nil
}

func (i *Images) add(image *Image) error {
	parsed, err := reference.Parse(image.Reference)
	if err != nil {
		return err
	}
	if err := image.validate(); err != nil {
		return err
	}
	if parsed.Digest() != "" && image.Digest != "" && parsed.Digest() != image.Digest {
		return fmt.Errorf("the reference %q has another digest than %s", image.Reference, image.Digest)
	}
	if _, twice := i.byReference[parsed.String()]; twice {
		return fmt.Errorf("%s is listed twice", parsed)
	}
	i.byReference[parsed.String()] = image
	if image.Digest != "" {
		i.byDigest[parsed.Name()+"@"+image.Digest] = image
	}
	return nil
}

func (i *Image) validate() error {
	if i.Problem != nil {
		if i.Problem.Reason == "" || i.Problem.Message == "" || len(i.Platforms) > 0 {
			return errors.New("a problem has a reason and a message, and an image with one has no platforms")
		}
		return nil
	}
	if len(i.Platforms) == 0 {
		return errors.New("it has neither platforms nor a problem")
	}
	for k, platform := range i.Platforms {
		if platform.OS == "" || platform.Architecture == "" {
			return fmt.Errorf("platforms[%d]: os and architecture are required", k)
		}
		if platform.OS == "windows" && platform.OSVersion != "" {
			if _, err := policy.ParseVersion(platform.OSVersion); err != nil {
				return fmt.Errorf("platforms[%d].osVersion: %w", k, err)
			}
		}
	}
	return nil
}
