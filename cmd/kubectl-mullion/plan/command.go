// Package plan is the subcommand that tells what the node manager does with Windows hosts, has done, and waits for.
package plan

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/output"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/terminal"
)

const long = `Show what the node manager would do to a Windows host, has done, and waits for; or, without a host, all of them in
one table. It is the status of WindowsHosts: nothing is asked of the hosts.

With --refresh the node manager is asked to look at the host now, and the answer is waited for.

A host that is named without a namespace is looked for in all of them, unless -n names one.

Exit codes: 0 if every host shown is as it shall be, or gets there by itself, 1 if one needs somebody, 2 if the question
could not be answered.`

const example = `  # All hosts, in a sentence each
  kubectl mullion plan

  # Why does this one not go on?
  kubectl mullion plan win-1

  # What would be done to it, as it is at this moment?
  kubectl mullion plan mullion-system/win-1 --refresh`

// defaultTimeout is how long a look takes at most where nothing is wrong: a host is reached and asked within seconds, and
// one that is out of reach is given up after half a minute.
const defaultTimeout = time.Minute

// options are the flags of one run.
type options struct {
	streams       genericiooptions.IOStreams
	cluster       *cluster.Flags
	output        *output.Flags
	allNamespaces bool
	refresh       bool
	timeout       time.Duration
	// now is the time, which tests set.
	now func() time.Time
}

// NewCommand makes the subcommand.
func NewCommand(streams genericiooptions.IOStreams) *cobra.Command {
	return newCommand(streams, time.Now)
}

func newCommand(streams genericiooptions.IOStreams, now func() time.Time) *cobra.Command {
	o := &options{streams: streams, cluster: cluster.NewFlags(streams.ErrOut), output: output.NewFlags(), now: now}
	cmd := &cobra.Command{
		Use:               "plan [[NAMESPACE/]HOST]",
		Short:             "Tell what the node manager does with Windows hosts, and waits for",
		Long:              long,
		Example:           example,
		Args:              cobra.MaximumNArgs(1),
		ValidArgsFunction: o.complete,
		RunE:              func(cmd *cobra.Command, args []string) error { return o.run(cmd.Context(), args) },
	}
	flags := cmd.Flags()
	flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "All namespaces, even if -n names one.")
	flags.BoolVar(&o.refresh, "refresh", false, "Have the node manager look at the host now, and wait for it.")
	flags.DurationVar(&o.timeout, "timeout", defaultTimeout, "How long to wait for the node manager with --refresh.")
	o.output.AddFlags(cmd)
	o.cluster.AddFlags(cmd)
	return cmd
}

// run finds what is asked about and shows it.
func (o *options) run(ctx context.Context, args []string) error {
	if err := o.validate(args); err != nil {
		return err
	}
	target, err := o.cluster.Connect(ctx)
	if err != nil {
		return err
	}
	hosts, err := newHosts(target)
	if err != nil {
		return err
	}
	if target.NamespaceGiven && !o.allNamespaces {
		hosts.namespace = target.Namespace
	}
	if len(args) == 0 {
		all, err := hosts.list(ctx)
		if err != nil {
			return err
		}
		if err := o.print(all); err != nil {
			return err
		}
		return verdict(all)
	}
	host, err := hosts.find(ctx, args[0])
	if err != nil {
		return err
	}
	var late error
	if o.refresh {
		host, late = hosts.refresh(ctx, host, o.now(), o.timeout)
	}
	if err := o.printOne(host); err != nil {
		return err
	}
	if late != nil {
		return late
	}
	return verdict([]v1alpha1.WindowsHost{*host})
}

func (o *options) validate(args []string) error {
	if o.refresh && len(args) == 0 {
		return errors.New("--refresh: name the host to look at")
	}
	if o.timeout <= 0 {
		return errors.New("--timeout: it takes some time")
	}
	return o.output.Validate()
}

// print shows hosts: as a table, or as the cluster has them.
func (o *options) print(hosts []v1alpha1.WindowsHost) error {
	if people, wide := o.output.ForPeople(); people {
		return printTable(o.streams.Out, terminal.PaletteFor(o.streams.Out), hosts, wide, o.now())
	}
	objects := make([]runtime.Object, len(hosts))
	for i := range hosts {
		objects[i] = &hosts[i]
	}
	return o.output.Print(o.streams.Out, objects...)
}

// printOne shows all about one host.
func (o *options) printOne(host *v1alpha1.WindowsHost) error {
	if people, _ := o.output.ForPeople(); people {
		d := &description{palette: terminal.PaletteFor(o.streams.Out), now: o.now()}
		return d.print(o.streams.Out, host)
	}
	return o.output.Print(o.streams.Out, host)
}
