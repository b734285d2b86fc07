package explain

import (
	"context"
	"errors"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/review"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/whatif"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

const long = `Ask the cluster where the pods of an object would run, and why not elsewhere.

The objects are those of files, as they would be applied, or those of the cluster, as they are. The cluster's policy
server answers, with what admission would say and do at this moment; nothing is created. The flags that begin with
--if, --retire and --without-node ask what it would say if the cluster were another.

A pod that exists carries the selectors and the RuntimeClass that it was admitted with, which rule out every build
but its own. To ask where it would go if it were made anew, explain what made it.

Exit codes: 0 if the pods would be allowed, 1 if any would be refused, 2 if the question could not be asked.`

const example = `  # Would this be let in, and where would it run?
  kubectl mullion explain -f web.yaml

  # Rendered by a tool
  helm template ./chart | kubectl mullion explain -f -

  # Where would the pods of a Deployment go if Windows Server 2019 were retired?
  kubectl mullion explain deploy/web --retire 10.0.17763

  # With the patch, the images' platforms and more columns
  kubectl mullion explain deploy/web -o wide`

// options are the flags of one run.
type options struct {
	streams   genericiooptions.IOStreams
	cluster   *cluster.Flags
	output    *output.Flags
	whatIf    whatif.Flags
	files     []string
	recursive bool
	showPatch bool
}

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	o := &options{streams: streams, cluster: cluster.NewFlags(streams.ErrOut), output: output.NewFlags()}
	cmd := &cobra.Command{
		Use:               "explain (-f FILE | TYPE/NAME …)",
		Short:             "Ask the cluster where pods would run, and why not elsewhere",
		Long:              long,
		Example:           example,
		ValidArgsFunction: o.complete,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&o.files, "filename", "f", nil, "Files or directories with the objects to ask about; - is the standard input.")
	flags.BoolVarP(&o.recursive, "recursive", "R", true, "Read directories with everything below them. It is always done, and the flag is accepted because kubectl has it.")
	flags.BoolVar(&o.showPatch, "show-patch", false, "Show what admission would change, as -o wide does.")
	o.whatIf.AddFlags(cmd, o.cluster)
	o.output.AddFlags(cmd)
	o.cluster.AddFlags(cmd)
	return cmd
}

// run asks and prints. What could be answered is printed even if something else could not.
func (o *options) run(ctx context.Context, args []string) error {
	if (len(o.files) == 0) == (len(args) == 0) {
		return errors.New("name either files with -f, or objects of the cluster such as deploy/web")
	}
	if err := o.output.Validate(); err != nil {
		return err
	}
	assume, err := o.whatIf.Assumptions()
	if err != nil {
		return err
	}
	target, err := o.cluster.Connect(ctx)
	if err != nil {
		return err
	}
	questions, unread := o.questions(ctx, target, args)
	client, err := review.NewClient(target)
	if err != nil {
		return err
	}
	answers, unanswered := ask(ctx, client, questions, assume)
	noPolicies(ctx, target, answers)
	if err := o.print(answers, assume != nil); err != nil {
		return err
	}
	if err := distinct(unread, unanswered); err != nil {
		return err
	}
	return verdict(answers)
}

// verdict is the error by which the program ends.
func verdict(answers []answer) error {
	for i := range answers {
		if !answers[i].Status.Allowed {
			return exit.ErrFindings
		}
	}
	return nil
}

// print prints the answers as the flags want them.
func (o *options) print(answers []answer, supposed bool) error {
	if len(answers) == 0 {
		return nil
	}
	people, wide := o.output.ForPeople()
	if people {
		p := &printer{
			out: o.streams.Out, palette: terminal.PaletteFor(o.streams.Out),
			wide: wide, patch: wide || o.showPatch, supposed: supposed,
		}
		return p.print(answers)
	}
	reviews := make([]runtime.Object, len(answers))
	for i := range answers {
		reviews[i] = answers[i].PlacementReview
	}
	return o.output.Print(o.streams.Out, reviews...)
}
