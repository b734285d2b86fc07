package host

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/host/input"
)

const planLong = `Tell what would have to be done to a host, and what is in the way. Nothing is changed, but the agent is brought
there.

Exit codes, as those of diff: 0 if there is nothing to do, 1 if there is, or if something is in the way; 2 if that
could not be found out.`

const planExample = `  # A node, from a bundle that the configuration names
  kubectl mullion host plan --address win-1.example.com --key id_ed25519 --host-key SHA256:… --config node.yaml

  # Any service, without Kubernetes
  kubectl mullion host plan --address win-1.example.com --key id_ed25519 --host-key SHA256:… \
    --desired host.yaml --content files/`

func newPlanCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	to, from, format := newConnection(now), new(input.Flags), ""
	cmd := &cobra.Command{
		Use:     "plan --address HOST --key FILE --config FILE|--desired FILE",
		Short:   "Tell what would have to be done to a host",
		Long:    planLong,
		Example: planExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(to.target.Validate(), from.Validate(), validateFormat(format)); err != nil {
				return err
			}
			return runPlan(cmd.Context(), streams, to, from, format)
		},
	}
	to.addFlags(cmd)
	from.Add(cmd.Flags())
	addFormatFlag(cmd, &format)
	return cmd
}

func runPlan(ctx context.Context, streams genericiooptions.IOStreams, to *connection, from *input.Flags, format string) (err error) {
	s, in, err := openBoth(ctx, streams, to, from)
	if err != nil {
		return err
	}
	defer func() { err = join(err, in.Close()) }()
	defer s.close()
	desired, err := s.desired(ctx, in, streams.ErrOut)
	if err != nil {
		return err
	}
	result, err := s.plan(ctx, desired)
	if err != nil {
		return err
	}
	if err := printPlan(streams.Out, format, result.Plan); err != nil {
		return err
	}
	if result.Plan != nil && !result.Plan.Empty() {
		return exit.ErrFindings
	}
	return nil
}

// openBoth reads what is desired, and how to get to the host.
func openBoth(ctx context.Context, streams genericiooptions.IOStreams, to *connection, from *input.Flags) (*session, *input.Input, error) {
	in, err := from.Open(ctx, newProgress(streams.ErrOut).say)
	if err != nil {
		return nil, nil, err
	}
	s, err := to.open(streams, in.Contents)
	if err != nil {
		return nil, nil, join(err, in.Close())
	}
	return s, in, nil
}

// join adds what went wrong afterwards, if anything did: an error that is alone stays the one that it is.
func join(err, afterwards error) error {
	if afterwards == nil {
		return err
	}
	return errors.Join(err, afterwards)
}
