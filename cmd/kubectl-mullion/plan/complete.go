package plan

import (
	"strings"

	"github.com/spf13/cobra"
)

// complete completes HOST by the names of all namespaces, and NAMESPACE/HOST once there is a slash.
func (o *options) complete(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	switch {
	case len(args) > 0:
		return nil, cobra.ShellCompDirectiveNoFileComp
	case strings.Contains(word, "/"):
		return o.cluster.NamespacedNames(resource())(cmd, args, word)
	}
	return o.cluster.Names(resource())(cmd, args, word)
}
