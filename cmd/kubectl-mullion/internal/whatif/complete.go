package whatif

import (
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/cluster"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// addCompletion completes builds by those that the cluster's nodes have.
func (f *Flags) addCompletion(cmd *cobra.Command, access *cluster.Flags) {
	nodes := schema.GroupVersionResource{Version: "v1", Resource: "nodes"}
	builds := access.LabelValues(nodes, corev1.LabelWindowsBuild)
	for flag, complete := range map[string]cluster.Completion{
		"retire":       builds,
		"without-node": access.Names(nodes),
		"if-node":      builds,
		"if-upgraded":  assignment(builds, newer),
		"if-state":     assignment(builds, func(string) []string { return states() }),
	} {
		// It fails for a flag that does not exist or is completed already, and these are neither.
		_ = cmd.RegisterFlagCompletionFunc(flag, complete)
	}
}

// assignment completes LEFT=RIGHT, first the one and then the other.
func assignment(left cluster.Completion, right func(left string) []string) cluster.Completion {
	return func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
		before, after, assigned := strings.Cut(word, "=")
		if !assigned {
			offered, directive := left(cmd, args, word)
			for i := range offered {
				offered[i] += "="
			}
			return offered, directive | cobra.ShellCompDirectiveNoSpace
		}
		var offered []string
		for _, value := range right(before) {
			if strings.HasPrefix(value, after) {
				offered = append(offered, before+"="+value)
			}
		}
		return offered, cobra.ShellCompDirectiveNoFileComp
	}
}

// newer are the long-term releases newer than a build, to which its nodes could be upgraded.
func newer(from string) []string {
	build, err := policy.ParseBuild(from)
	if err != nil {
		return nil
	}
	var builds []string
	for _, candidate := range policy.Releases() {
		if candidate.LongTerm && candidate.Number > build.Number {
			builds = append(builds, candidate.Build().String())
		}
	}
	return builds
}

// states are what a policy can have a build in.
func states() []string {
	return []string{
		string(v1alpha1.BuildActive), string(v1alpha1.BuildPreview), string(v1alpha1.BuildDeprecated), string(v1alpha1.BuildRetired),
	}
}
