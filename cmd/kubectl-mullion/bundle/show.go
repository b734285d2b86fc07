package bundle

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/access"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
)

const showLong = `Tell what is in a bundle: its files with their sizes, digests and origins. Only its manifest is read, and verified. A
reference by tag is resolved first, and told by digest.`

func newShowCommand(streams genericiooptions.IOStreams) *cobra.Command {
	from := new(access.Options)
	cmd := &cobra.Command{
		Use:   "show REF",
		Short: "Tell what is in a bundle of a registry",
		Long:  showLong,
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return show(cmd.Context(), streams, from, args[0])
		},
	}
	from.AddFlags(cmd.Flags())
	return cmd
}

func show(ctx context.Context, streams genericiooptions.IOStreams, from *access.Options, named string) error {
	reference, err := parse(named, from.Names())
	if err != nil {
		return err
	}
	options, err := from.Remote()
	if err != nil {
		return err
	}
	digest, err := resolve(ctx, reference, options)
	if err != nil {
		return err
	}
	bundle, err := oci.Open(ctx, digest, options...)
	if err != nil {
		return err
	}
	fmt.Fprintf(streams.Out, "%s\n\n", digest)
	table, total := output.NewTable("PATH", "SIZE", "SHA-256", "COMPONENT", "VERSION"), int64(0)
	for _, file := range bundle.Manifest().Files {
		total += file.Size
		table.Add("", file.Path, strconv.FormatInt(file.Size, 10), file.SHA256[:12], file.Component, file.Version)
	}
	if err := table.Write(streams.Out, terminal.PaletteFor(streams.Out), ""); err != nil {
		return err
	}
	_, err = fmt.Fprintf(streams.Out, "\n%d files, %d bytes\n", table.Len(), total)
	return err
}

// parse reads a reference by tag or by digest. Which of the two it was to be decides what is wrong with one that is neither.
func parse(named string, options []name.Option) (name.Reference, error) {
	var reference name.Reference
	var err error
	if strings.Contains(named, "@") {
		reference, err = name.NewDigest(named, options...)
	} else {
		reference, err = name.NewTag(named, options...)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %q, which has to be REGISTRY/NAME:TAG or REGISTRY/NAME@DIGEST: %w", named, err)
	}
	return reference, nil
}

// resolve is a reference by digest.
func resolve(ctx context.Context, reference name.Reference, options []remote.Option) (name.Digest, error) {
	if digest, ok := reference.(name.Digest); ok {
		return digest, nil
	}
	descriptor, err := remote.Head(reference, append(slices.Clone(options), remote.WithContext(ctx))...)
	if err != nil {
		return name.Digest{}, fmt.Errorf("looking up %s: %w", reference, err)
	}
	return reference.Context().Digest(descriptor.Digest.String()), nil
}
