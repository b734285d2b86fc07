package inventory

import (
	"context"
	"fmt"
	"reflect"
	"strconv"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/pkg/impact"
	"github.com/mullion-dev/mullion/pkg/policy"
)

// cluster answers lists in pages and by field selectors, as an API server does; the fake client does neither.
type cluster struct {
	objects []client.Object
	// forbidden is the kind of list or object that is refused.
	forbidden string
	// requests counts by kind.
	requests map[string]int
}

var _ client.Reader = (*cluster)(nil)

func kindOf(object any) string { return reflect.TypeOf(object).Elem().Name() }

func (c *cluster) count(kind string) error {
	if c.requests == nil {
		c.requests = map[string]int{}
	}
	c.requests[kind]++
	if kind == c.forbidden {
		return apierrors.NewForbidden(schema.GroupResource{Resource: kind}, "", fmt.Errorf("no right to read"))
	}
	return nil
}

func (c *cluster) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	kind := kindOf(into)
	partial, isPartial := into.(*metav1.PartialObjectMetadata)
	if isPartial {
		kind = partial.Kind
	}
	if err := c.count(kind); err != nil {
		return err
	}
	for _, object := range c.objects {
		if kindOf(object) == kind && client.ObjectKeyFromObject(object) == key {
			if isPartial {
				partial.ObjectMeta = reflect.ValueOf(object).Elem().FieldByName("ObjectMeta").Interface().(metav1.ObjectMeta)
				return nil
			}
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(object).Elem())
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: kind}, key.Name)
}

func (c *cluster) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	kind := kindOf(list)
	if partial, ok := list.(*metav1.PartialObjectMetadataList); ok {
		kind = partial.GroupVersionKind().Kind
	}
	if err := c.count(kind); err != nil {
		return err
	}
	o := (&client.ListOptions{}).ApplyOptions(options)
	start := 0
	if o.Continue != "" {
		var err error
		if start, err = strconv.Atoi(o.Continue); err != nil {
			return err
		}
	}
	items := reflect.ValueOf(list).Elem().FieldByName("Items")
	for at := start; at < len(c.objects); at++ {
		if kindOf(c.objects[at])+"List" != kind || !selects(o.FieldSelector, c.objects[at]) {
			continue
		}
		if int64(items.Len()) == o.Limit {
			accessor, err := meta.ListAccessor(list)
			if err != nil {
				return err
			}
			accessor.SetContinue(strconv.Itoa(at))
			return nil
		}
		item := reflect.ValueOf(c.objects[at]).Elem()
		if _, partial := list.(*metav1.PartialObjectMetadataList); partial {
			item = reflect.ValueOf(metav1.PartialObjectMetadata{ObjectMeta: item.FieldByName("ObjectMeta").Interface().(metav1.ObjectMeta)})
		}
		items.Set(reflect.Append(items, item))
	}
	return nil
}

func selects(selector fields.Selector, object client.Object) bool {
	pod, ok := object.(*corev1.Pod)
	return !ok || selector.Matches(fields.Set{"spec.nodeName": pod.Spec.NodeName, "status.phase": string(pod.Status.Phase)})
}

func (c *cluster) add(objects ...client.Object) { c.objects = append(c.objects, objects...) }

// fleetOf is a fleet of n nodes of 2022, named n0 and so on.
func fleetOf(n int) *policy.Fleet {
	nodes := make([]policy.Node, n)
	for i := range nodes {
		nodes[i] = policy.Node{Name: fmt.Sprintf("n%d", i), Ready: true, Labels: map[string]string{
			corev1.LabelOSStable: "windows", corev1.LabelWindowsBuild: "10.0.20348",
		}}
	}
	return policy.CompileFleet(nodes)
}

func namespace(name string, labels map[string]string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: labels}}
}

// pod is a running pod with all that running pods carry.
func pod(name, node string, owner client.Object, changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "team", Labels: map[string]string{"app": "web"}},
		Spec: corev1.PodSpec{
			NodeName:     node,
			OS:           &corev1.PodOS{Name: corev1.Windows},
			NodeSelector: map[string]string{corev1.LabelWindowsBuild: "10.0.20348"},
			Containers:   []corev1.Container{{Name: "main", Image: "image:pod", Env: []corev1.EnvVar{{Name: "POD", Value: name}}}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning},
	}
	if owner != nil {
		p.OwnerReferences = []metav1.OwnerReference{ownerReference(owner)}
	}
	for _, change := range changes {
		change(p)
	}
	return p
}

func ownerReference(owner client.Object) metav1.OwnerReference {
	gvk := owner.GetObjectKind().GroupVersionKind()
	return metav1.OwnerReference{
		APIVersion: gvk.GroupVersion().String(), Kind: gvk.Kind, Name: owner.GetName(), UID: owner.GetUID(), Controller: ptr.To(true),
	}
}

// template is of an image, with labels that its controller adds.
func template(image string, labels map[string]string) corev1.PodTemplateSpec {
	return corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec:       corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}, Containers: []corev1.Container{{Name: "main", Image: image}}},
	}
}

// replicaSet is one of a Deployment.
func replicaSet(name, deployment, image string) *appsv1.ReplicaSet {
	owner := &appsv1.Deployment{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "Deployment"},
		ObjectMeta: metav1.ObjectMeta{Name: deployment, UID: types.UID(deployment)},
	}
	return &appsv1.ReplicaSet{
		TypeMeta:   metav1.TypeMeta{APIVersion: "apps/v1", Kind: "ReplicaSet"},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "team", UID: types.UID(name), OwnerReferences: []metav1.OwnerReference{ownerReference(owner)}},
		Spec: appsv1.ReplicaSetSpec{
			Template: template(image, map[string]string{"app": "web", appsv1.DefaultDeploymentUniqueLabelKey: name}),
		},
	}
}

// object is the metadata of something that owns pods.
func object(apiVersion, kind, name string) *metav1.PartialObjectMetadata {
	return &metav1.PartialObjectMetadata{
		TypeMeta:   metav1.TypeMeta{APIVersion: apiVersion, Kind: kind},
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: "team", UID: types.UID(name)},
	}
}

func collect(t *testing.T, c *cluster, fleet *policy.Fleet) []line {
	t.Helper()
	workloads, err := Collect(t.Context(), c, fleet, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return linesOf(workloads)
}

func linesOf(workloads []*impact.Workload) []line {
	lines := make([]line, len(workloads))
	for i, w := range workloads {
		lines[i] = line{w.Namespace, w.Owner.String(), w.Template.Spec.Containers[0].Image, w.Bare, w.Count}
	}
	return lines
}

// line is a workload in short.
type line struct {
	Namespace, Owner, Image string
	Bare                    bool
	Pods                    int
}
