// Package whatif is the plugin's flags that suppose of a cluster what is not so.
package whatif

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/assumption"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// Flags are what the user supposes. They mean the same in every subcommand.
type Flags struct {
	upgrades, retired, states, nodes, removed []string
	policyFile                                string
}

// AddFlags adds the flags to a command, with their completion by what the cluster has.
func (f *Flags) AddFlags(cmd *cobra.Command, access *cluster.Flags) {
	flags := cmd.Flags()
	flags.StringArrayVar(&f.upgrades, "if-upgraded", nil, "Suppose that all nodes of one build had another: FROM=TO, such as 10.0.17763=10.0.20348. May be repeated.")
	flags.StringArrayVar(&f.retired, "retire", nil, "Suppose that every policy had retired a build, such as 10.0.17763. May be repeated.")
	flags.StringArrayVar(&f.states, "if-state", nil, "Suppose that every policy that lists a build had it in another state: BUILD=Active, Preview, Deprecated or Retired. May be repeated.")
	flags.StringArrayVar(&f.nodes, "if-node", nil, "Suppose a Ready node more of a build, or several: BUILD or BUILD=COUNT. May be repeated.")
	flags.StringArrayVar(&f.removed, "without-node", nil, "Suppose that a node were gone. May be repeated.")
	flags.StringVar(&f.policyFile, "if-policy", "", "Suppose that the WindowsBuildPolicy in a file were in force, whatever its selectors say.")
	f.addCompletion(cmd, access)
}

// Any tells whether the user supposes anything.
func (f *Flags) Any() bool {
	return f.policyFile != "" || len(f.upgrades)+len(f.retired)+len(f.states)+len(f.nodes)+len(f.removed) > 0
}

// Assumptions are what the flags say; nil where they say nothing. The error names every flag at fault.
func (f *Flags) Assumptions() (*placementv1alpha1.Assumptions, error) {
	if !f.Any() {
		return nil, nil //nolint:nilnil // A review without assumptions has none.
	}
	assume := &placementv1alpha1.Assumptions{RemovedNodes: slices.Clone(f.removed)}
	var err error
	if f.policyFile != "" {
		assume.Policy, err = readPolicy(f.policyFile)
	}
	errs := []error{err}
	for _, value := range f.upgrades {
		from, to, errUpgrade := f.upgrade(value)
		errs = append(errs, errUpgrade)
		assume.Upgrades = append(assume.Upgrades, placementv1alpha1.BuildUpgrade{From: from, To: to})
	}
	for _, value := range f.retired {
		build, errBuild := parseBuild("--retire", value)
		errs = append(errs, errBuild)
		assume.States = append(assume.States, placementv1alpha1.AssumedState{Build: build, State: v1alpha1.BuildRetired})
	}
	for _, value := range f.states {
		state, errState := parseState(value)
		errs = append(errs, errState)
		assume.States = append(assume.States, state)
	}
	for _, value := range f.nodes {
		nodes, errNodes := parseNodes(value)
		errs = append(errs, errNodes)
		assume.Nodes = append(assume.Nodes, nodes)
	}
	return assume, errors.Join(append(errs, contradictions(assume))...)
}

// upgrade reads FROM=TO.
func (f *Flags) upgrade(value string) (from, to string, err error) {
	left, right, found := strings.Cut(value, "=")
	if !found {
		return "", "", fmt.Errorf("--if-upgraded %s: say from which build to which, such as 10.0.17763=10.0.20348", value)
	}
	from, errFrom := parseBuild("--if-upgraded", left)
	to, errTo := parseBuild("--if-upgraded", right)
	return from, to, errors.Join(errFrom, errTo)
}

// parseBuild reads a build. That users leave the leading 10.0. out is accepted: no Windows that runs containers has
// another.
func parseBuild(flag, value string) (string, error) {
	if _, err := strconv.ParseUint(value, 10, 32); err == nil {
		value = "10.0." + value
	}
	build, err := policy.ParseBuild(value)
	if err != nil {
		return "", fmt.Errorf("%s: %w", flag, err)
	}
	return build.String(), nil
}

// parseState reads BUILD=STATE, the state in any case.
func parseState(value string) (placementv1alpha1.AssumedState, error) {
	left, right, _ := strings.Cut(value, "=")
	build, err := parseBuild("--if-state", left)
	if err != nil {
		return placementv1alpha1.AssumedState{}, err
	}
	i := slices.IndexFunc(states(), func(state string) bool { return strings.EqualFold(state, right) })
	if i < 0 {
		return placementv1alpha1.AssumedState{}, fmt.Errorf("--if-state %s: the state is one of Active, Preview, Deprecated and Retired", value)
	}
	return placementv1alpha1.AssumedState{Build: build, State: v1alpha1.BuildState(states()[i])}, nil
}

// parseNodes reads BUILD or BUILD=COUNT.
func parseNodes(value string) (placementv1alpha1.AssumedNodes, error) {
	left, right, _ := strings.Cut(value, "=")
	build, err := parseBuild("--if-node", left)
	if err != nil {
		return placementv1alpha1.AssumedNodes{}, err
	}
	count, err := strconv.ParseUint(cmp.Or(right, "1"), 10, 31)
	if err != nil || count == 0 || count > assumption.MaxNodes {
		return placementv1alpha1.AssumedNodes{}, fmt.Errorf("--if-node %s: the count is a whole number from 1 to %d", value, assumption.MaxNodes)
	}
	return placementv1alpha1.AssumedNodes{Build: build, Count: int32(count)}, nil
}

// contradictions says what is supposed twice.
func contradictions(assume *placementv1alpha1.Assumptions) error {
	var errs []error
	seen := map[string]bool{}
	once := func(flags, build string) {
		if key := flags + build; build != "" && seen[key] {
			errs = append(errs, fmt.Errorf("%s: %s is named twice", flags, build))
		} else {
			seen[key] = true
		}
	}
	for _, state := range assume.States {
		once("--retire and --if-state", state.Build)
	}
	for _, upgrade := range assume.Upgrades {
		once("--if-upgraded", upgrade.From)
	}
	return errors.Join(errs...)
}
