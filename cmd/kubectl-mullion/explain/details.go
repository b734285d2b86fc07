package explain

import (
	"cmp"
	"fmt"
	"io"
	"strings"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
)

// changes prints the patch that admission would make.
func (p *printer) changes(out io.Writer, status *placementv1alpha1.PlacementReviewStatus) {
	if len(status.Patch) == 0 {
		return
	}
	of := "the object"
	if status.PatchTarget == placementv1alpha1.PatchPods {
		of = "each pod made from it"
	}
	fmt.Fprintf(out, "%sPatch of %s:\n", indent, of)
	for i := range status.Patch {
		operation := &status.Patch[i]
		line := operation.Op + " " + operation.Path
		if operation.Value != nil {
			line += " " + string(operation.Value.Raw)
		}
		fmt.Fprintf(out, "%s%s%s\n", indent, indent, line)
	}
}

// images prints what is known of the images.
func (p *printer) images(out io.Writer, images []placementv1alpha1.ImageFacts) error {
	if len(images) == 0 {
		return nil
	}
	table := output.NewTable("IMAGE", "DIGEST", "ASKED", "PLATFORMS")
	for i := range images {
		image := &images[i]
		table.Add("", image.Reference, cmp.Or(image.Digest, "-"), credentials(image), platforms(image))
	}
	fmt.Fprintf(out, "%sImages:\n", indent)
	return table.Write(out, p.palette, indent+indent)
}

// credentials says how the registry was asked.
func credentials(image *placementv1alpha1.ImageFacts) string {
	how := "-"
	switch image.Credentials {
	case placementv1alpha1.CredentialsAnonymous:
		how = "anonymously"
	case placementv1alpha1.CredentialsPullSecrets:
		how = "with pull secrets"
	}
	if image.Stale {
		how += ", earlier"
	}
	return how
}

// platforms lists what is behind a reference, or says why that is not known.
func platforms(image *placementv1alpha1.ImageFacts) string {
	if image.Problem != nil {
		return fmt.Sprintf("unknown (%s): %s", image.Problem.Reason, image.Problem.Message)
	}
	var all []string
	for i := range image.Platforms {
		platform := &image.Platforms[i]
		text := platform.OS + "/" + platform.Architecture
		if platform.OSVersion != "" {
			text += " " + platform.OSVersion
		}
		all = append(all, text)
	}
	return cmp.Or(strings.Join(all, ", "), "-")
}
