package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

const removeLong = `Give a host back: everything that was made by us goes, everything that was replaced returns, and the agent goes last.
What others have made stays, also in directories of ours.

Afterwards it is looked, without the agent, whether what should be gone is gone.

Exit codes: 0 if the host is as it was, 1 if it is not to be changed, or not all is gone; 2 if something failed.`

// removing is one run of remove.
type removing struct {
	streams genericiooptions.IOStreams
	owner   string
	yes     bool
}

func newRemoveCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	to, r := newConnection(now), &removing{streams: streams}
	cmd := &cobra.Command{
		Use:   "remove --address HOST --key FILE",
		Short: "Give a host back as it was",
		Long:  removeLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := to.target.Validate(); err != nil {
				return err
			}
			return r.run(cmd.Context(), to)
		},
	}
	to.addFlags(cmd)
	cmd.Flags().StringVar(&r.owner, "owner", "", "Leave the host alone unless this one manages it: the uid of a cluster, or the owner of a desired state.")
	cmd.Flags().BoolVarP(&r.yes, "yes", "y", false, "Do not ask.")
	return cmd
}

func (r *removing) run(ctx context.Context, to *connection) error {
	s, err := to.open(r.streams, nil)
	if err != nil {
		return err
	}
	defer s.close()
	if !r.yes {
		yes, err := confirm(r.streams, "Everything that we made on "+s.target.Address+" goes. Go on?")
		if err != nil {
			return err
		}
		if !yes {
			fmt.Fprintln(r.streams.ErrOut, "Nothing was changed.")
			return exit.ErrFindings
		}
	}
	result, err := s.ask(ctx, func(ctx context.Context, conn *ssh.Conn) (*protocol.Result, error) {
		return s.agent.Remove(ctx, conn, r.owner)
	})
	if err == nil {
		err = unanswered(result)
	}
	if err != nil {
		return err
	}
	if result.Plan == nil {
		return errors.New("the agent does not say what it has done")
	}
	if err := printPlan(r.streams.Out, formatText, result.Plan); err != nil {
		return err
	}
	switch result.Outcome {
	case protocol.OutcomeRefused:
		return exit.ErrFindings
	case protocol.OutcomeRebootRequired:
		fmt.Fprintf(r.streams.Out, "Removed: %s. The rest needs a reboot: remove again after one.\n", count(result.Done, "action"))
		return exit.ErrFindings
	}
	fmt.Fprintf(r.streams.Out, "Removed: %s.\n", count(result.Done, "action"))
	return s.prove(ctx, r.streams.Out, result.Plan)
}
