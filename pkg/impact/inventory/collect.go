package inventory

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// Options bound what is read. Zero values stand for no bound.
type Options struct {
	// MaxWorkloads is how many workloads are kept, each of which takes some two kilobytes.
	MaxWorkloads int
}

// TooManyError says that there are more workloads than were to be kept.
type TooManyError struct{ Max int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("there are more than %d workloads that differ", e.Max)
}

// Collect reads the workloads of the pods that are bound to the fleet's nodes and have not ended. The reader must not
// be a cache: it would fill with every pod of the cluster. An error is one of the API server's, with what was read, or
// a [TooManyError].
func Collect(ctx context.Context, reader client.Reader, fleet *policy.Fleet, o Options) ([]*impact.Workload, error) {
	namespaces, err := namespaceLabels(ctx, reader)
	if err != nil {
		return nil, fmt.Errorf("listing namespaces: %w", err)
	}
	c := newCollection(namespaces, o.MaxWorkloads)
	if err := eachPod(ctx, reader, fleet, c.add); err != nil {
		return nil, fmt.Errorf("listing pods: %w", err)
	}
	return c.workloads(ctx, reader, fewControllers)
}

// collection is what has been read so far.
type collection struct {
	population *impact.Population
	controlled controlled
	// max is how many there may be of both, and zero for any number.
	max int
}

func newCollection(namespaces map[string]map[string]string, maximum int) *collection {
	return &collection{
		population: impact.NewPopulation(namespaces),
		controlled: controlled{byKind: map[schema.GroupKind]map[types.UID]*controller{}},
		max:        maximum,
	}
}

// workloads reads what the pods that were added are made from. Of a kind up to a few controllers are read one by one.
func (c *collection) workloads(ctx context.Context, reader client.Reader, few int) ([]*impact.Workload, error) {
	if err := c.controlled.readTemplates(ctx, reader, few); err != nil {
		return nil, err
	}
	for _, all := range c.controlled.byKind {
		for _, one := range all {
			if err := c.population.Add(one.origin(), &one.pods); err != nil {
				return nil, err
			}
		}
	}
	return c.population.Workloads(), nil
}

// add takes up a pod. Pods that kubelet makes itself, from files on the node, are left out: nothing places them.
func (c *collection) add(pod *corev1.Pod) error {
	if _, mirrored := pod.Annotations[corev1.MirrorPodAnnotationKey]; mirrored {
		return nil
	}
	if owner := metav1.GetControllerOf(pod); owner != nil {
		c.controlled.add(pod, owner)
		return c.check()
	}
	var one impact.Pods
	one.Add(pod.Name, pod.Spec.NodeName)
	err := c.population.Add(impact.Origin{
		Namespace: pod.Namespace,
		Owner:     impact.Owner{Kind: impact.KindPod, Name: pod.Name},
		Template:  workload.FromPod(pod),
		Bare:      true,
	}, &one)
	if err != nil {
		return err
	}
	return c.check()
}

func (c *collection) check() error {
	if c.max > 0 && c.population.Len()+c.controlled.count > c.max {
		return &TooManyError{c.max}
	}
	return nil
}

func namespaceLabels(ctx context.Context, reader client.Reader) (map[string]map[string]string, error) {
	labels := map[string]map[string]string{}
	newList := func() *metav1.PartialObjectMetadataList {
		list := &metav1.PartialObjectMetadataList{}
		list.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("NamespaceList"))
		return list
	}
	err := eachPage(ctx, reader, newList, func(page *metav1.PartialObjectMetadataList) error {
		for i := range page.Items {
			labels[page.Items[i].Name] = page.Items[i].Labels
		}
		return nil
	})
	return labels, err
}
