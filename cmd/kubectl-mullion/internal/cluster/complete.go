package cluster

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

const (
	// completionTimeout bounds what a person waits for after the tabulator key.
	completionTimeout = 2 * time.Second
	// completionLimit is the number of names that are offered. Nobody chooses among more.
	completionLimit = 500
)

// Completion completes one word.
type Completion = func(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective)

// addCompletion completes the flags that name something in the kubeconfig or the cluster.
func (f *Flags) addCompletion(cmd *cobra.Command) {
	for flag, complete := range map[string]Completion{
		"namespace": f.Names(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}),
		"context":   f.kubeconfig(func(c *clientcmdapi.Config) []string { return slices.Collect(maps.Keys(c.Contexts)) }),
		"cluster":   f.kubeconfig(func(c *clientcmdapi.Config) []string { return slices.Collect(maps.Keys(c.Clusters)) }),
		"user":      f.kubeconfig(func(c *clientcmdapi.Config) []string { return slices.Collect(maps.Keys(c.AuthInfos)) }),
	} {
		// It fails for a flag that does not exist or is completed already, and these are neither.
		_ = cmd.RegisterFlagCompletionFunc(flag, complete)
	}
}

// kubeconfig completes by names in the kubeconfig.
func (f *Flags) kubeconfig(names func(*clientcmdapi.Config) []string) Completion {
	return func(_ *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		raw, err := f.config.ToRawKubeConfigLoader().RawConfig()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return startingWith(word, names(&raw)), cobra.ShellCompDirectiveNoFileComp
	}
}

// Names completes by the names of a cluster's objects that are in no namespace. What the cluster does not tell at once
// is not offered.
func (f *Flags) Names(resource schema.GroupVersionResource) Completion {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return startingWith(word, f.names(cmd.Context(), resource, false)), cobra.ShellCompDirectiveNoFileComp
	}
}

// NamesInNamespace completes as Names does, by the objects of the namespace that is meant.
func (f *Flags) NamesInNamespace(resource schema.GroupVersionResource) Completion {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return startingWith(word, f.names(cmd.Context(), resource, true)), cobra.ShellCompDirectiveNoFileComp
	}
}

// names lists the names of objects; none where the cluster does not tell at once.
func (f *Flags) names(ctx context.Context, resource schema.GroupVersionResource, namespaced bool) []string {
	ctx, cancel := context.WithTimeout(ctx, completionTimeout)
	defer cancel()
	cluster, err := f.Connect(ctx)
	if err != nil {
		return nil
	}
	client, err := metadata.NewForConfig(cluster.Config())
	if err != nil {
		return nil
	}
	namespace := ""
	if namespaced {
		namespace = cluster.Namespace
	}
	objects, err := client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: completionLimit})
	if err != nil {
		return nil
	}
	names := make([]string, len(objects.Items))
	for i := range objects.Items {
		names[i] = objects.Items[i].Name
	}
	return names
}

// startingWith are the candidates that the word begins, in order.
func startingWith(word string, candidates []string) []string {
	matching := slices.DeleteFunc(slices.Clone(candidates), func(candidate string) bool {
		return !strings.HasPrefix(candidate, word)
	})
	slices.Sort(matching)
	return slices.Compact(matching)
}
