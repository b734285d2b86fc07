package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/mullion-dev/mullion/test/demo/terminal"
	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/localcluster"
)

// Options say how the demonstration is given.
type Options struct {
	// Out is where a person reads it. A terminal gets colour and moving progress.
	Out io.Writer
	// Root is the repository's folder. When empty it is searched upwards from the working directory.
	Root string
	// Keep leaves everything running after the table until the context ends.
	Keep bool
}

// Run gives the demonstration. The error says what could not be done, or which workloads came out otherwise
// than the story says. Nothing that it started is left when it returns.
func Run(ctx context.Context, o Options) (err error) {
	d := &demonstration{term: terminal.New(o.Out), stage: &stage{root: o.Root}}
	defer func() { err = errors.Join(err, d.stage.close()) }() //nolint:contextcheck // An interrupt ends ctx and starts the stop.
	if err := d.setUp(ctx); err != nil {
		return err
	}
	outcomes, err := d.perform(ctx)
	if err != nil {
		return err
	}
	if err := d.conclude(ctx, outcomes); err != nil {
		return err
	}
	if err := errors.Join(d.stage.check(outcomes), d.migrate(ctx)); err != nil {
		return err
	}
	if o.Keep {
		return d.keep(ctx)
	}
	return nil
}

// demonstration is one performance.
type demonstration struct {
	term  *terminal.Terminal
	stage *stage
	// started is when everything had been built.
	started time.Time
	// admitting is how long each creation took.
	admitting []time.Duration
}

// setUp does what comes before the story.
func (d *demonstration) setUp(ctx context.Context) error {
	s := d.stage
	for _, step := range []struct {
		terminal.Step
		do func(context.Context, *terminal.Detail) (string, error)
	}{
		{terminal.Step{
			Doing: "Building Kubernetes",
			Hint: "Once only: etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kubectl are compiled " +
				"from their Go modules, which takes about eight minutes on two cores. The next time they are found in .cache.",
			Repeated: "building the control plane: ",
		}, func(ctx context.Context, detail *terminal.Detail) (string, error) {
			_, err := localcluster.Build(ctx, s.root, detail)
			return "Kubernetes is built", err
		}},
		{terminal.Step{
			Doing: "Preparing Windows hosts",
			Hint: "Once only, about a minute: Wine, which runs programs for Windows, is downloaded from Debian into .cache, beside " +
				"this machine's own system. A cross compiler for what Wine lacks is installed if it is missing.",
			Repeated: "winhost: ",
		}, func(ctx context.Context, detail *terminal.Detail) (string, error) {
			return s.prepareHosts(ctx, detail)
		}},
		{terminal.Step{
			Doing: "Building Mullion",
			Hint:  "The webhook, the node manager and the agent for Windows are compiled, which takes a minute or two the first time.",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			var err error
			s.programs, err = install.Build(ctx, s.root)
			return "Mullion's programs are built", err
		}},
		{terminal.Step{
			Doing: "Starting etcd, kube-apiserver, kube-controller-manager and kube-scheduler",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			d.started = time.Now()
			return "The control plane is up", s.startCluster(ctx)
		}},
		{terminal.Step{
			Doing: "Filling a registry",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			images, err := s.startRegistry(ctx)
			return fmt.Sprintf("A registry offers %d images, shaped like the real ones", images), err
		}},
		{terminal.Step{
			Doing: "Installing Mullion from its manifests",
			Hint:  "The programs run as processes of this machine, with exactly the rights of their service accounts.",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			if err := s.install(ctx); err != nil {
				return "", err
			}
			return fmt.Sprintf("Mullion is installed: %d webhooks and %d node managers, each with its own RBAC",
				len(s.installation.Webhooks), len(s.installation.NodeManagers)), nil
		}},
		{terminal.Step{
			Doing: "Applying the policy",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			return "The policy is in force, its RuntimeClasses are made", errors.Join(s.makeNamespace(ctx), s.applyPolicy(ctx))
		}},
		{terminal.Step{
			Doing: "Pushing the programs of a node",
			Hint:  "The real containerd is compiled for Windows from its Go module, which takes minutes the first time.",
		}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
			return s.offerNodes(ctx)
		}},
		{terminal.Step{
			Doing: "Joining " + names(),
			Hint:  "Three bare Windows hosts are configured over SSH, restart once, and ask for their certificates.",
		}, func(ctx context.Context, detail *terminal.Detail) (string, error) {
			return s.join(ctx, detail)
		}},
	} {
		if err := d.term.Do(ctx, step.Step, step.do); err != nil {
			return err
		}
	}
	return nil
}

// perform applies the workloads one after the other, as developers do, and then looks at what became of them.
func (d *demonstration) perform(ctx context.Context) ([]outcome, error) {
	var outcomes []outcome
	err := d.term.Do(ctx, terminal.Step{Doing: "Applying workloads"}, func(ctx context.Context, _ *terminal.Detail) (string, error) {
		said := make([]answer, len(d.stage.scenes))
		for i, workload := range d.stage.scenes {
			answer, err := d.stage.create(ctx, workload)
			if err != nil {
				return "", err
			}
			said[i] = answer
			d.admitting = append(d.admitting, answer.took)
		}
		for i, workload := range d.stage.scenes {
			outcome, err := d.stage.observe(ctx, workload, said[i])
			if err != nil {
				return "", err
			}
			outcomes = append(outcomes, outcome)
		}
		return fmt.Sprintf("%d workloads were applied", len(outcomes)), nil
	})
	return outcomes, err
}

// check compares the outcomes with what the story says.
func (s *stage) check(outcomes []outcome) error {
	var different []string
	for i, workload := range s.scenes {
		for _, difference := range workload.check(outcomes[i]) {
			different = append(different, "  "+workload.Workload+": "+difference)
		}
	}
	if len(different) == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d workloads came out otherwise than %s says:\n%s",
		len(different), len(outcomes), "test/demo/"+expectationsFile, strings.Join(different, "\n"))
}
