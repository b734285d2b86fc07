package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"
)

const factsExample = `  # A host whose key you do not know yet: the first run tells it, for you to compare
  kubectl mullion host facts --address win-1.example.com --key ~/.ssh/id_ed25519
  kubectl mullion host facts --address win-1.example.com --key ~/.ssh/id_ed25519 --host-key SHA256:…`

func newFactsCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	to, format := newConnection(now), ""
	cmd := &cobra.Command{
		Use:     "facts --address HOST --key FILE",
		Short:   "Tell what a host is: build, hardware, network, services",
		Example: factsExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(to.target.Validate(), validateFormat(format)); err != nil {
				return err
			}
			return runFacts(cmd.Context(), streams, to, format)
		},
	}
	to.addFlags(cmd)
	addFormatFlag(cmd, &format)
	return cmd
}

func runFacts(ctx context.Context, streams genericiooptions.IOStreams, to *connection, format string) error {
	s, err := to.open(streams, nil)
	if err != nil {
		return err
	}
	defer s.close()
	facts, err := s.facts(ctx)
	if err != nil {
		return err
	}
	if format == formatText {
		err = printFacts(streams.Out, facts)
	} else {
		err = printDocument(streams.Out, format, facts)
	}
	if err != nil {
		return fmt.Errorf("printing facts: %w", err)
	}
	return nil
}
