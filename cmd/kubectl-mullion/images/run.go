package images

import (
	"context"
	"errors"
	"fmt"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/registries"
	"github.com/mullion-dev/mullion/pkg/image/imagefile"
	"github.com/mullion-dev/mullion/pkg/manifest"
)

// run asks for the images and prints what is known of them, in the order in which they were named.
func (o *options) run(ctx context.Context) error {
	hosts, err := o.hosts()
	if err != nil {
		return err
	}
	set := manifest.Read(o.files, o.streams.In)
	references, problems := collect(o.references, set)
	results, err := registries.Resolve(ctx, o.registries, references, o.streams.ErrOut)
	if err != nil {
		return err
	}
	file := &imagefile.File{Images: make([]imagefile.Image, 0, len(references))}
	for _, reference := range references {
		image := imagefile.FromResult(reference, results[reference])
		if image.RunsOn, err = hosts.runsOn(reference, results[reference]); err != nil {
			return err
		}
		file.Images = append(file.Images, image)
	}
	if err := o.print(file); err != nil {
		return fmt.Errorf("printing images: %w", err)
	}
	return o.conclude(file, problems)
}

// conclude says what is not known and why, and how the command ends.
func (o *options) conclude(file *imagefile.File, problems []*manifest.Problem) error {
	var err error
	for i := range file.Images {
		if image := &file.Images[i]; image.Problem != nil {
			fmt.Fprintf(o.streams.ErrOut, "error: %s: %s\n", image.Reference, image.Problem.Message)
			err = exit.ErrFindings
		}
	}
	for _, problem := range problems {
		fmt.Fprintf(o.streams.ErrOut, "error: %v\n", problem)
	}
	if len(problems) > 0 {
		return errors.New("some manifests could not be read, so that images may be missing")
	}
	return err
}
