package host

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

const verifyLong = `Compare a host with what was applied to it last, as it was kept there, and tell the difference. Nothing is changed.

Exit codes: 0 if there is none, 1 if there is one, 2 if that could not be found out.`

func newVerifyCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	to, format := newConnection(now), ""
	cmd := &cobra.Command{
		Use:   "verify --address HOST --key FILE",
		Short: "Compare a host with what was applied to it last",
		Long:  verifyLong,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(to.target.Validate(), validateFormat(format)); err != nil {
				return err
			}
			return runVerify(cmd.Context(), streams, to, format)
		},
	}
	to.addFlags(cmd)
	addFormatFlag(cmd, &format)
	return cmd
}

func runVerify(ctx context.Context, streams genericiooptions.IOStreams, to *connection, format string) error {
	s, err := to.open(streams, nil)
	if err != nil {
		return err
	}
	defer s.close()
	result, err := s.verify(ctx)
	if err != nil {
		return err
	}
	if err := printPlan(streams.Out, format, result.Plan); err != nil {
		return err
	}
	if result.Outcome != protocol.OutcomeDone {
		return exit.ErrFindings
	}
	return nil
}

func (s *session) verify(ctx context.Context) (*protocol.Result, error) {
	result, err := s.ask(ctx, func(ctx context.Context, conn *ssh.Conn) (*protocol.Result, error) {
		return s.agent.Verify(ctx, conn)
	})
	if err != nil {
		return nil, err
	}
	return result, unanswered(result)
}
