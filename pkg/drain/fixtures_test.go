package drain

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/fake"
	clienttesting "k8s.io/client-go/testing"
	clock "k8s.io/utils/clock/testing"
	"k8s.io/utils/ptr"
)

// begin is when the tests take place.
var begin = time.Date(2026, 3, 14, 3, 0, 0, 0, time.UTC)

// cluster is an API server that evicts pods, or refuses to.
type cluster struct {
	*fake.Clientset
	clock    *clock.FakePassiveClock
	registry *prometheus.Registry
	drainer  *Drainer

	mu sync.Mutex
	// refusals are what evictions are answered with, by the pod's name.
	refusals map[string]error
	// lingering pods are deleted, but do not end.
	lingering map[string]bool
	// broken connections bring no answer to an eviction that was made.
	broken bool
	// evictions are those asked for, and dryRuns those of them that only were to find out.
	evictions, dryRuns []*policyv1.Eviction
}

func newCluster(t *testing.T, objects ...runtime.Object) *cluster {
	t.Helper()
	c := &cluster{
		Clientset: fake.NewClientset(objects...),
		clock:     clock.NewFakePassiveClock(begin),
		registry:  prometheus.NewRegistry(),
		refusals:  map[string]error{},
		lingering: map[string]bool{},
	}
	c.PrependReactor("list", "pods", c.listPods)
	c.PrependReactor("create", "pods", c.evict)
	var err error
	if c.drainer, err = New(c, c.clock, c.registry); err != nil {
		t.Fatal(err)
	}
	return c
}

// listPods heeds the field selector, which the fake does not.
func (c *cluster) listPods(action clienttesting.Action) (bool, runtime.Object, error) {
	list := action.(clienttesting.ListAction)
	all, err := c.Tracker().List(list.GetResource(), corev1.SchemeGroupVersion.WithKind("Pod"), list.GetNamespace())
	if err != nil {
		return true, nil, err
	}
	selected := &corev1.PodList{}
	for _, pod := range all.(*corev1.PodList).Items {
		if list.GetListRestrictions().Fields.Matches(fields.Set{"spec.nodeName": pod.Spec.NodeName}) {
			selected.Items = append(selected.Items, pod)
		}
	}
	return true, selected, nil
}

func (c *cluster) evict(action clienttesting.Action) (bool, runtime.Object, error) {
	if action.GetSubresource() != "eviction" {
		return false, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	eviction := action.(clienttesting.CreateAction).GetObject().(*policyv1.Eviction)
	if len(eviction.DeleteOptions.DryRun) > 0 {
		c.dryRuns = append(c.dryRuns, eviction)
	} else {
		c.evictions = append(c.evictions, eviction)
	}
	if err := c.refusals[eviction.Name]; err != nil || len(eviction.DeleteOptions.DryRun) > 0 {
		return true, nil, err
	}
	if !c.lingering[eviction.Name] {
		return true, nil, c.Tracker().Delete(action.GetResource(), eviction.Namespace, eviction.Name)
	}
	object, err := c.Tracker().Get(action.GetResource(), eviction.Namespace, eviction.Name)
	if err != nil {
		return true, nil, err
	}
	lingering := object.(*corev1.Pod).DeepCopy()
	deleted(30*time.Second, c.clock.Now())(lingering)
	err = c.Tracker().Update(action.GetResource(), lingering, eviction.Namespace)
	if err == nil && c.broken {
		err = errors.New("connection reset")
	}
	return true, nil, err
}

func (c *cluster) step(t *testing.T, o Options) Progress {
	t.Helper()
	progress, err := c.drainer.Step(t.Context(), "win-1", o)
	if err != nil {
		t.Fatal(err)
	}
	return progress
}

func (c *cluster) node(t *testing.T) *corev1.Node {
	t.Helper()
	node, err := c.CoreV1().Nodes().Get(context.Background(), "win-1", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return node
}

// pod is one of a ReplicaSet, on node win-1.
func pod(name string, changes ...func(*corev1.Pod)) *corev1.Pod {
	p := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: types.UID("uid-" + name), Labels: map[string]string{"app": "web"}},
		Spec:       corev1.PodSpec{NodeName: "win-1"},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning},
	}
	ownedBy("ReplicaSet", "web-7c9")(p)
	for _, change := range changes {
		change(p)
	}
	return p
}

func ownedBy(kind, name string) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: kind, Name: name, Controller: ptr.To(true)}}
	}
}

func unowned(p *corev1.Pod) { p.OwnerReferences = nil }

func succeeded(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }

func on(node string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Spec.NodeName = node }
}

func withEmptyDir(p *corev1.Pod) {
	p.Spec.Volumes = []corev1.Volume{{Name: "cache", VolumeSource: corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}}}
}

func mirrored(p *corev1.Pod) {
	p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "file"}
}

// deleted is a pod that was deleted at a time, with a grace period.
func deleted(grace time.Duration, at time.Time) func(*corev1.Pod) {
	return func(p *corev1.Pod) {
		p.DeletionTimestamp = ptr.To(metav1.NewTime(at.Add(grace)))
		p.DeletionGracePeriodSeconds = ptr.To(int64(grace.Seconds()))
	}
}

func finalized(by string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Finalizers = []string{by} }
}

func daemonSet(name string) *appsv1.DaemonSet {
	return &appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name}}
}

// budget is a PodDisruptionBudget of the pods with app: web.
func budget(name string, healthy, needed, expected int32) *policyv1.PodDisruptionBudget {
	return &policyv1.PodDisruptionBudget{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name},
		Spec:       policyv1.PodDisruptionBudgetSpec{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}}},
		Status:     policyv1.PodDisruptionBudgetStatus{CurrentHealthy: healthy, DesiredHealthy: needed, ExpectedPods: expected},
	}
}

// refusedByBudget is what the API server answers where a budget does not let a pod go.
func refusedByBudget() error {
	err := apierrors.NewTooManyRequests("Cannot evict pod as it would violate the pod's disruption budget.", 0)
	err.ErrStatus.Details.Causes = []metav1.StatusCause{{
		Type: policyv1.DisruptionBudgetCause, Message: "The disruption budget web needs 2 healthy pods and has 2 currently",
	}}
	return err
}
