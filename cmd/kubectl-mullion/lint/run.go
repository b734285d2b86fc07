package lint

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/pkg/lint"
	"github.com/mullion-dev/mullion/pkg/manifest"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// run judges the manifests and prints the report.
func (o *options) run(ctx context.Context) error {
	set := manifest.Read(o.files, o.streams.In)
	policies, err := o.compilePolicies(set)
	if err != nil {
		return err
	}
	linter := lint.New(set, policies, lint.Options{
		Builds: o.builds, Namespace: o.namespace, NamespaceLabels: o.namespaceLabels,
	})
	images, err := o.imageFacts(ctx, linter.References())
	if err != nil {
		return err
	}
	report := linter.Report(images)
	if err := o.print(report); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	return o.conclude(report)
}

// compilePolicies compiles the policies that are to be used: those of --policy, else those among the manifests.
func (o *options) compilePolicies(manifests *manifest.Set) ([]*policy.Policy, error) {
	source := manifests
	var problems []*manifest.Problem
	if len(o.policies) > 0 {
		source = manifest.Read(o.policies, o.streams.In)
		problems = source.Problems
	}
	policies, wrong := lint.Policies(source)
	switch problems = append(slices.Clone(problems), wrong...); {
	case len(problems) > 0:
		return nil, fmt.Errorf("reading policies:\n%w", joined(problems))
	case len(policies) == 0 && len(o.policies) > 0:
		return nil, errors.New("--policy: there is no WindowsBuildPolicy in it")
	case len(policies) == 0 && len(manifests.Problems) > 0:
		return nil, fmt.Errorf("there is no WindowsBuildPolicy among the manifests that can be read; mend these, or name a file that has one with --policy:\n%w", joined(manifests.Problems))
	case len(policies) == 0:
		return nil, errors.New("there is no WindowsBuildPolicy among the manifests; name a file that has one with --policy")
	}
	o.noteBuildsOfNoPolicy(policies)
	return policies, nil
}

// joined are all problems in one error, with a line each.
func joined(problems []*manifest.Problem) error {
	errs := make([]error, 0, len(problems))
	for _, problem := range problems {
		errs = append(errs, problem)
	}
	return errors.Join(errs...)
}

// noteBuildsOfNoPolicy says which of --builds change nothing. It may be a slip of the pen, and it may be a list of all
// the builds of a cluster.
func (o *options) noteBuildsOfNoPolicy(policies []*policy.Policy) {
	for _, build := range o.builds {
		listed := slices.ContainsFunc(policies, func(p *policy.Policy) bool {
			return slices.ContainsFunc(p.Builds, func(b policy.PolicyBuild) bool { return b.Build == build.Build })
		})
		if !listed {
			fmt.Fprintf(o.streams.ErrOut, "note: --builds: no policy lists %s\n", build.Build)
		}
	}
}

// conclude says what could not be judged, and how the command ends.
func (o *options) conclude(report *lint.Report) error {
	for _, problem := range report.Problems {
		fmt.Fprintf(o.streams.ErrOut, "error: %s: %s\n", place(problem.File, problem.Line), problem.Message)
	}
	switch {
	case len(report.Problems) == 1:
		return errors.New("one document could not be judged")
	case len(report.Problems) > 1:
		return fmt.Errorf("%d documents could not be judged", len(report.Problems))
	case report.Fails(lint.Severity(o.failOn)):
		return exit.ErrFindings
	default:
		return nil
	}
}

// place is a place in a file as compilers and editors write it.
func place(file string, line int) string {
	if line == 0 {
		return file
	}
	return fmt.Sprintf("%s:%d", file, line)
}
