package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/host/input"
	"github.com/mullion-dev/mullion/pkg/agent/protocol"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/ssh"
)

const applyLong = `Make a host what it shall be: print the plan, do it, and verify the result.

What interrupts something that runs on the host is asked about first, unless you say --yes. The host is restarted
only with --reboot; without it, what needs a reboot is left for the next apply after one.

Whatever goes wrong in the middle, applying again goes on from what the host is by then.

Exit codes: 0 if the host is as it shall be, 1 if it is not to be changed, or is not done; 2 if something failed.`

const applyExample = `  kubectl mullion host apply --address win-1.example.com --key id_ed25519 --host-key SHA256:… --config node.yaml

  # In a pipeline, a host that may restart
  kubectl mullion host apply --address win-1.example.com --key id_ed25519 --host-ca ca.pub \
    --config node.yaml --yes --reboot`

// maxReboots is how often one apply restarts a host. Features and a hostname need one; whoever needs more than this does
// not come to an end.
const maxReboots = 3

// applying is one run of apply.
type applying struct {
	*session
	streams genericiooptions.IOStreams
	yes     bool
	reboots bool
}

func newApplyCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	to, from, a := newConnection(now), new(input.Flags), &applying{streams: streams}
	cmd := &cobra.Command{
		Use:     "apply --address HOST --key FILE --config FILE|--desired FILE",
		Short:   "Make a host what it shall be",
		Long:    applyLong,
		Example: applyExample,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := errors.Join(to.target.Validate(), from.Validate()); err != nil {
				return err
			}
			return runApply(cmd.Context(), a, to, from)
		},
	}
	to.addFlags(cmd)
	from.Add(cmd.Flags())
	cmd.Flags().BoolVarP(&a.yes, "yes", "y", false, "Do not ask before interrupting what runs on the host.")
	cmd.Flags().BoolVar(&a.reboots, "reboot", false, "Restart the host if it needs that, and go on afterwards.")
	return cmd
}

func runApply(ctx context.Context, a *applying, to *connection, from *input.Flags) (err error) {
	s, in, err := openBoth(ctx, a.streams, to, from)
	if err != nil {
		return err
	}
	defer func() { err = join(err, in.Close()) }()
	defer s.close()
	a.session = s
	desired, err := s.desired(ctx, in, a.streams.ErrOut)
	if err != nil {
		return err
	}
	planned, err := s.plan(ctx, desired)
	if err != nil {
		return err
	}
	if err := printPlan(a.streams.Out, formatText, planned.Plan); err != nil {
		return err
	}
	if planned.Outcome == protocol.OutcomeRefused {
		return exit.ErrFindings
	}
	if err := a.ask(planned.Plan); err != nil {
		return err
	}
	if err := a.apply(ctx, desired); err != nil {
		return err
	}
	return a.verify(ctx)
}

// ask asks before what runs on the host is interrupted.
func (a *applying) ask(planned *state.Plan) error {
	disruptive, restarts := 0, a.reboots && planned.NeedsReboot()
	for _, action := range planned.Actions {
		if action.Disruptive {
			disruptive++
		}
	}
	if a.yes || disruptive == 0 && !restarts {
		return nil
	}
	question := fmt.Sprintf("%d of %d actions interrupt what runs on the host. Go on?", disruptive, len(planned.Actions))
	if restarts {
		question = fmt.Sprintf("%d of %d actions interrupt what runs on the host, and it is restarted. Go on?", disruptive, len(planned.Actions))
	}
	yes, err := confirm(a.streams, question)
	if err != nil {
		return err
	}
	if !yes {
		fmt.Fprintln(a.streams.ErrOut, "Nothing was changed.")
		return exit.ErrFindings
	}
	return nil
}

// apply applies, and restarts the host as often as it may and has to.
func (a *applying) apply(ctx context.Context, desired *state.Desired) error {
	for reboots := 0; ; reboots++ {
		result, err := a.session.ask(ctx, func(ctx context.Context, conn *ssh.Conn) (*protocol.Result, error) {
			return a.agent.Apply(ctx, conn, desired)
		})
		if err == nil {
			err = unanswered(result)
		}
		if err != nil {
			return err
		}
		switch {
		case result.Outcome == protocol.OutcomeRefused:
			if err := printPlan(a.streams.Out, formatText, result.Plan); err != nil {
				return err
			}
			return exit.ErrFindings
		case result.Outcome != protocol.OutcomeRebootRequired:
			fmt.Fprintf(a.streams.Out, "Applied: %s.\n", count(result.Done, "action"))
			return nil
		case !a.reboots:
			fmt.Fprintf(a.streams.Out, "Applied: %s. The rest needs a reboot: apply again after one, or with --reboot.\n", count(result.Done, "action"))
			return exit.ErrFindings
		case reboots == maxReboots:
			return fmt.Errorf("the host was restarted %d times and still needs a reboot", reboots)
		}
		fmt.Fprintf(a.streams.Out, "Applied: %s. Restarting the host.\n", count(result.Done, "action"))
		boot, err := a.pool.Reboot(ctx, a.target, a.agent.Reboot())
		if err != nil {
			return advise(err)
		}
		fmt.Fprintf(a.streams.Out, "The host is up again: boot %s.\n", boot)
	}
}

// verify looks whether the host is by now what was applied.
func (a *applying) verify(ctx context.Context) error {
	result, err := a.session.verify(ctx)
	if err != nil {
		return err
	}
	if result.Outcome == protocol.OutcomeDone {
		_, err := fmt.Fprintln(a.streams.Out, "Verified: the host is as desired.")
		return err
	}
	fmt.Fprintln(a.streams.Out, "Verified, and the host is not as desired any more: something else changes it.")
	if err := printPlan(a.streams.Out, formatText, result.Plan); err != nil {
		return err
	}
	return exit.ErrFindings
}

// count is a number of things in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
