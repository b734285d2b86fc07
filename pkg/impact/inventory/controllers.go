package inventory

import (
	"context"
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/workload"
)

// fewControllers is up to how many controllers of a kind are read one by one rather than listed.
const fewControllers = 16

// controlled is the pods that have a controller: by the controller's kind, then by its UID.
type controlled struct {
	byKind map[schema.GroupKind]map[types.UID]*controller
	// count is the number of controllers.
	count int
}

// controller is what owns pods directly, and these pods.
type controller struct {
	namespace string
	reference metav1.OwnerReference
	pods      impact.Pods
	// pod is one of the pods. It stands in for the template where that cannot be read.
	pod *workload.Pod
	// owner and template are the controller's, once it has been read.
	owner    impact.Owner
	template *workload.Pod
}

func (c *controlled) add(pod *corev1.Pod, reference *metav1.OwnerReference) {
	kind := schema.FromAPIVersionAndKind(reference.APIVersion, reference.Kind).GroupKind()
	all := c.byKind[kind]
	if all == nil {
		all = map[types.UID]*controller{}
		c.byKind[kind] = all
	}
	one := all[reference.UID]
	if one == nil {
		one = &controller{namespace: pod.Namespace, reference: *reference, pod: impact.Relevant(workload.FromPod(pod), true)}
		all[reference.UID] = one
		c.count++
	}
	one.pods.Add(pod.Name, pod.Spec.NodeName)
}

// origin is what the controller's pods are made from. Where the controller was not read, because it is of a kind that
// is not known or was deleted a moment ago, that is the pod.
func (c *controller) origin() impact.Origin {
	if c.template != nil {
		return impact.Origin{Namespace: c.namespace, Owner: c.owner, Template: c.template}
	}
	if c.reference.Kind == impact.KindDaemonSet {
		// The controller has put the node's name in the place of whatever affinity the template has.
		c.pod.Spec.Affinity = nil
	}
	owner := impact.Owner{Kind: c.reference.Kind, Name: c.reference.Name}
	return impact.Origin{Namespace: c.namespace, Owner: owner, Template: c.pod, Bare: true}
}

// kind is a kind of controllers that are read.
type kind struct {
	schema.GroupKind
	newObject func() client.Object
	newList   func() client.ObjectList
}

// kinds lists the kinds that own pods directly. CronJobs and Deployments do not.
func kinds() []kind {
	apps, batch := appsv1.SchemeGroupVersion.WithKind, batchv1.SchemeGroupVersion.WithKind
	return []kind{
		{
			apps("ReplicaSet").GroupKind(),
			func() client.Object { return &appsv1.ReplicaSet{} },
			func() client.ObjectList { return &appsv1.ReplicaSetList{} },
		},
		{
			apps("StatefulSet").GroupKind(),
			func() client.Object { return &appsv1.StatefulSet{} },
			func() client.ObjectList { return &appsv1.StatefulSetList{} },
		},
		{
			apps(impact.KindDaemonSet).GroupKind(),
			func() client.Object { return &appsv1.DaemonSet{} },
			func() client.ObjectList { return &appsv1.DaemonSetList{} },
		},
		{
			batch("Job").GroupKind(),
			func() client.Object { return &batchv1.Job{} },
			func() client.ObjectList { return &batchv1.JobList{} },
		},
		{
			corev1.SchemeGroupVersion.WithKind("ReplicationController").GroupKind(),
			func() client.Object { return &corev1.ReplicationController{} },
			func() client.ObjectList { return &corev1.ReplicationControllerList{} },
		},
	}
}

// readTemplates reads the controllers of the kinds that are known, and up to a few of a kind one by one.
func (c *controlled) readTemplates(ctx context.Context, reader client.Reader, few int) error {
	for _, k := range kinds() {
		wanted := c.byKind[k.GroupKind]
		read := k.list
		if len(wanted) <= few {
			read = k.get
		}
		if err := read(ctx, reader, wanted); err != nil {
			return fmt.Errorf("reading the %ss of pods: %w", k.Kind, err)
		}
	}
	return nil
}

func (k *kind) list(ctx context.Context, reader client.Reader, wanted map[types.UID]*controller) error {
	return eachPage(ctx, reader, k.newList, func(page client.ObjectList) error {
		return meta.EachListItem(page, func(object runtime.Object) error {
			take(object, wanted)
			return nil
		})
	})
}

func (k *kind) get(ctx context.Context, reader client.Reader, wanted map[types.UID]*controller) error {
	for _, one := range wanted {
		object := k.newObject()
		err := reader.Get(ctx, client.ObjectKey{Namespace: one.namespace, Name: one.reference.Name}, object)
		if client.IgnoreNotFound(err) != nil {
			return err
		}
		if err == nil {
			take(object, wanted)
		}
	}
	return nil
}

// take keeps the template of a controller if its pods are wanted.
func take(object runtime.Object, wanted map[types.UID]*controller) {
	accessor, err := meta.Accessor(object)
	if err != nil {
		return // Every object of these kinds has metadata.
	}
	one := wanted[accessor.GetUID()]
	template := templateOf(object)
	if one == nil || template == nil {
		return
	}
	one.template = impact.Relevant(workload.FromTemplate(template), false)
	one.owner = impact.Owner{Kind: one.reference.Kind, Name: one.reference.Name}
	if above := metav1.GetControllerOf(accessor); above != nil {
		one.owner = impact.Owner{Kind: above.Kind, Name: above.Name}
	}
}

func templateOf(object runtime.Object) *corev1.PodTemplateSpec {
	switch o := object.(type) {
	case *appsv1.ReplicaSet:
		return &o.Spec.Template
	case *appsv1.StatefulSet:
		return &o.Spec.Template
	case *appsv1.DaemonSet:
		return &o.Spec.Template
	case *batchv1.Job:
		return &o.Spec.Template
	case *corev1.ReplicationController:
		return o.Spec.Template
	default:
		return nil
	}
}
