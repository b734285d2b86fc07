package explain

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// types are the resources whose objects can be explained, by the names that are offered.
func types() map[string]schema.GroupVersionResource {
	core := schema.GroupVersion{Version: "v1"}
	apps := schema.GroupVersion{Group: "apps", Version: "v1"}
	batch := schema.GroupVersion{Group: "batch", Version: "v1"}
	return map[string]schema.GroupVersionResource{
		"pod":                   core.WithResource("pods"),
		"po":                    core.WithResource("pods"),
		"replicationcontroller": core.WithResource("replicationcontrollers"),
		"rc":                    core.WithResource("replicationcontrollers"),
		"podtemplate":           core.WithResource("podtemplates"),
		"deployment":            apps.WithResource("deployments"),
		"deploy":                apps.WithResource("deployments"),
		"replicaset":            apps.WithResource("replicasets"),
		"rs":                    apps.WithResource("replicasets"),
		"statefulset":           apps.WithResource("statefulsets"),
		"sts":                   apps.WithResource("statefulsets"),
		"daemonset":             apps.WithResource("daemonsets"),
		"ds":                    apps.WithResource("daemonsets"),
		"job":                   batch.WithResource("jobs"),
		"cronjob":               batch.WithResource("cronjobs"),
		"cj":                    batch.WithResource("cronjobs"),
	}
}

// complete completes TYPE/NAME: first the type, then the names that the namespace has.
func (o *options) complete(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	const more = cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	kind, name, named := strings.Cut(word, "/")
	if !named {
		var offered []string
		for candidate := range types() {
			if strings.HasPrefix(candidate, word) {
				offered = append(offered, candidate+"/")
			}
		}
		slices.Sort(offered)
		return offered, more
	}
	resource, known := types()[strings.TrimSuffix(kind, "s")]
	if !known {
		resource, known = types()[kind]
	}
	if !known {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	names, directive := o.cluster.NamesInNamespace(resource)(cmd, args, name)
	for i := range names {
		names[i] = kind + "/" + names[i]
	}
	return names, directive
}
