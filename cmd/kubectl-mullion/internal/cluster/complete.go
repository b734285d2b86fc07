package cluster

import (
	"context"
	"fmt"
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
	return f.objects(resource, false, func(object *metav1.PartialObjectMetadata) string { return object.Name })
}

// NamesInNamespace completes as Names does, by the objects of the namespace that is meant.
func (f *Flags) NamesInNamespace(resource schema.GroupVersionResource) Completion {
	return f.objects(resource, true, func(object *metav1.PartialObjectMetadata) string { return object.Name })
}

// NamespacedNames completes as Names does, by NAMESPACE/NAME of the objects of all namespaces.
func (f *Flags) NamespacedNames(resource schema.GroupVersionResource) Completion {
	return f.objects(resource, false, func(object *metav1.PartialObjectMetadata) string { return object.Namespace + "/" + object.Name })
}

// LabelValues completes as Names does, by the values that a label has.
func (f *Flags) LabelValues(resource schema.GroupVersionResource, label string) Completion {
	return f.objects(resource, false, func(object *metav1.PartialObjectMetadata) string { return object.Labels[label] })
}

// objects completes by something of each object, leaving out what is empty.
func (f *Flags) objects(resource schema.GroupVersionResource, namespaced bool, of func(*metav1.PartialObjectMetadata) string) Completion {
	return func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		ctx, cancel := context.WithTimeout(cmd.Context(), completionTimeout)
		defer cancel()
		list, err := f.list(ctx, resource, namespaced)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		var candidates []string
		for i := range list.Items {
			if candidate := of(&list.Items[i]); candidate != "" {
				candidates = append(candidates, candidate)
			}
		}
		return startingWith(word, candidates), cobra.ShellCompDirectiveNoFileComp
	}
}

func (f *Flags) list(ctx context.Context, resource schema.GroupVersionResource, namespaced bool) (*metav1.PartialObjectMetadataList, error) {
	cluster, err := f.Connect(ctx)
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(cluster.Config())
	if err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	namespace := ""
	if namespaced {
		namespace = cluster.Namespace
	}
	return client.Resource(resource).Namespace(namespace).List(ctx, metav1.ListOptions{Limit: completionLimit})
}

// startingWith are the candidates that the word begins, in order.
func startingWith(word string, candidates []string) []string {
	matching := slices.DeleteFunc(slices.Clone(candidates), func(candidate string) bool {
		return !strings.HasPrefix(candidate, word)
	})
	slices.Sort(matching)
	return slices.Compact(matching)
}
