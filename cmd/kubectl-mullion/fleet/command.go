package fleet

import (
	"context"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/whatif"
)

const long = `Show the Windows builds of the cluster with their nodes, their pods and what policies say of them; or, with a flag
that supposes something, which running workloads would be stranded.

A workload is stranded if its pods, made again from the template of its controller, would be refused or would find no
node that takes them. Outages and capacity do not count. The policy server tells what the images of the workloads run
on, so that neither registries nor pull secrets have to be at hand; --offline-images takes it from a file. The rest is
computed here, from the policies, nodes and pods of the cluster.

All namespaces count, unless -n names one.

Exit codes, with a flag that supposes something: 0 if the change would strand nothing, 1 if it would strand a workload
or it cannot be told of one, 2 if the question could not be answered. What is stranded already is shown, and does not
count. An interrupt ends the asking and shows what is known so far.`

const example = `  # Builds, nodes, pods and policies
  kubectl mullion fleet

  # May all nodes of Windows Server 2019 be upgraded to Windows Server 2022?
  kubectl mullion fleet --if-upgraded 10.0.17763=10.0.20348

  # Who in one namespace still needs Windows Server 2019?
  kubectl mullion fleet --retire 10.0.17763 -n shop

  # In a pipeline
  kubectl mullion fleet --retire 10.0.17763 -o json | jq '.impact.stranded[].owner'`

// options are the flags of one run.
type options struct {
	streams       genericiooptions.IOStreams
	cluster       *cluster.Flags
	output        *output.Flags
	whatIf        whatif.Flags
	offlineImages string
	allNamespaces bool
}

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	o := &options{streams: streams, cluster: cluster.NewFlags(streams.ErrOut), output: output.NewFlags().WithoutNames()}
	cmd := &cobra.Command{
		Use:               "fleet",
		Short:             "Show builds, nodes and pods, and who would be stranded by a change",
		Long:              long,
		Example:           example,
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE:              func(cmd *cobra.Command, _ []string) error { return o.run(cmd.Context()) },
	}
	flags := cmd.Flags()
	flags.StringVar(&o.offlineImages, "offline-images", "", "File with what is known of images, as kubectl mullion images -o yaml writes it. The policy server is not asked.")
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "All namespaces, even if -n names one.")
	o.whatIf.AddFlags(cmd, o.cluster)
	o.output.AddFlags(cmd)
	o.cluster.AddFlags(cmd)
	return cmd
}

// run reads the cluster and shows it, or what would become of it.
func (o *options) run(ctx context.Context) error {
	if err := o.output.Validate(); err != nil {
		return err
	}
	assume, err := o.whatIf.Assumptions()
	if err != nil {
		return err
	}
	facts, err := o.facts()
	if err != nil {
		return err
	}
	target, err := o.cluster.Connect(ctx)
	if err != nil {
		return err
	}
	source, err := newReader(target)
	if err != nil {
		return err
	}
	if target.NamespaceGiven && !o.allNamespaces {
		source.namespace = target.Namespace
	}
	state, err := read(ctx, source)
	if err != nil {
		return err
	}
	if assume == nil {
		return o.show(overviewOf(state))
	}
	return o.judge(ctx, target, state, assume, facts)
}
