package inventory

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestPodsAreGatheredByWhatTheyAreMadeFrom(t *testing.T) {
	phase := func(p corev1.PodPhase) func(*corev1.Pod) {
		return func(pod *corev1.Pod) { pod.Status.Phase = p }
	}
	for sentence, c := range map[string]struct {
		objects []client.Object
		want    []line
	}{
		"a pod that nothing owns stands for itself": {
			[]client.Object{pod("one", "n0", nil)},
			[]line{{"team", "Pod/one", "image:pod", true, 1}},
		},
		"pods of a ReplicaSet are of its Deployment, and made from its template": {
			[]client.Object{replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n0", replicaSet("web-1", "web", ""))},
			[]line{{"team", "Deployment/web", "image:1", false, 2}},
		},
		"two ReplicaSets of a Deployment with the same image are one": {
			[]client.Object{
				replicaSet("web-1", "web", "image:1"), replicaSet("web-2", "web", "image:1"),
				pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n0", replicaSet("web-2", "web", "")),
			},
			[]line{{"team", "Deployment/web", "image:1", false, 2}},
		},
		"two ReplicaSets of a Deployment with different images are two": {
			[]client.Object{
				replicaSet("web-1", "web", "image:1"), replicaSet("web-2", "web", "image:2"),
				pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n0", replicaSet("web-2", "web", "")),
			},
			[]line{{"team", "Deployment/web", "image:1", false, 1}, {"team", "Deployment/web", "image:2", false, 1}},
		},
		"pods of a Job are of its CronJob": {
			[]client.Object{
				&batchv1.Job{
					ObjectMeta: metav1.ObjectMeta{Name: "nightly-1", Namespace: "team", UID: "nightly-1", OwnerReferences: []metav1.OwnerReference{ownerReference(object("batch/v1", "CronJob", "nightly"))}},
					Spec:       batchv1.JobSpec{Template: template("image:job", nil)},
				},
				pod("a", "n0", object("batch/v1", "Job", "nightly-1")),
			},
			[]line{{"team", "CronJob/nightly", "image:job", false, 1}},
		},
		"StatefulSets, DaemonSets and ReplicationControllers are read": {
			[]client.Object{
				&appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "team", UID: "db"}, Spec: appsv1.StatefulSetSpec{Template: template("image:db", nil)}},
				&appsv1.DaemonSet{ObjectMeta: metav1.ObjectMeta{Name: "agent", Namespace: "team", UID: "agent"}, Spec: appsv1.DaemonSetSpec{Template: template("image:agent", nil)}},
				&corev1.ReplicationController{ObjectMeta: metav1.ObjectMeta{Name: "old", Namespace: "team", UID: "old"}, Spec: corev1.ReplicationControllerSpec{Template: new(template("image:old", nil))}},
				pod("db-0", "n0", object("apps/v1", "StatefulSet", "db")),
				pod("agent-x", "n0", object("apps/v1", "DaemonSet", "agent")),
				pod("old-x", "n0", object("v1", "ReplicationController", "old")),
			},
			[]line{
				{"team", "DaemonSet/agent", "image:agent", false, 1}, {"team", "ReplicationController/old", "image:old", false, 1},
				{"team", "StatefulSet/db", "image:db", false, 1},
			},
		},
		"a controller of another kind is known by its pods": {
			[]client.Object{pod("a", "n0", object("example.com/v1", "CloneSet", "shop")), pod("b", "n0", object("example.com/v1", "CloneSet", "shop"))},
			[]line{{"team", "CloneSet/shop", "image:pod", true, 2}},
		},
		"so is one that is gone": {
			[]client.Object{pod("a", "n0", replicaSet("web-1", "web", ""))},
			[]line{{"team", "ReplicaSet/web-1", "image:pod", true, 1}},
		},
		"another controller of the same name is not taken for it": {
			[]client.Object{replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", ""), func(p *corev1.Pod) { p.OwnerReferences[0].UID = "before" })},
			[]line{{"team", "ReplicaSet/web-1", "image:pod", true, 1}},
		},
		"pods that have ended, wait, or are elsewhere do not count": {
			[]client.Object{
				pod("done", "n0", nil, phase(corev1.PodSucceeded)), pod("failed", "n0", nil, phase(corev1.PodFailed)),
				pod("waiting", "", nil, phase(corev1.PodPending)), pod("linux", "other", nil),
				pod("starting", "n0", nil, phase(corev1.PodPending)),
			},
			[]line{{"team", "Pod/starting", "image:pod", true, 1}},
		},
		"pods that kubelet makes itself do not count": {
			[]client.Object{pod("static", "n0", nil, func(p *corev1.Pod) {
				p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "x"}
			})},
			[]line{},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			// Pods are listed node by node in a small fleet, and all at once in a large one.
			for _, size := range []int{2, fewNodes + 1} {
				if diff := cmp.Diff(c.want, collect(t, &cluster{objects: c.objects}, fleetOf(size))); diff != "" {
					t.Errorf("with %d nodes (-want +got):\n%s", size, diff)
				}
			}
		})
	}
}

func TestAWorkloadHasTheLabelsOfItsNamespaceAndTheNodesOfItsPods(t *testing.T) {
	c := &cluster{}
	c.add(namespace("team", map[string]string{"tier": "gold"}), replicaSet("web-1", "web", "image:1"))
	for i := range 5 {
		c.add(pod(fmt.Sprintf("web-%d", i), fmt.Sprintf("n%d", i%2), replicaSet("web-1", "web", "")))
	}
	workloads, err := Collect(t.Context(), c, fleetOf(2), Options{})
	if err != nil {
		t.Fatal(err)
	}
	w := workloads[0]
	if diff := cmp.Diff(map[string]string{"tier": "gold"}, w.NamespaceLabels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
	if w.Nodes[0].Pods != 3 || w.Nodes[1].Pods != 2 {
		t.Errorf("nodes: %v", w.Nodes)
	}
	if diff := cmp.Diff([]string{"web-0", "web-1", "web-2"}, w.Samples); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}
	if w.Template.Metadata.Namespace != "team" {
		t.Error("the template does not say its namespace, which its pull secrets are in")
	}
}

func TestADaemonSetThatIsGoneIsNotBoundToANode(t *testing.T) {
	bound := pod("agent-x", "n0", object("apps/v1", "DaemonSet", "agent"), func(p *corev1.Pod) {
		p.Spec.Affinity = &corev1.Affinity{NodeAffinity: &corev1.NodeAffinity{RequiredDuringSchedulingIgnoredDuringExecution: &corev1.NodeSelector{
			NodeSelectorTerms: []corev1.NodeSelectorTerm{{MatchFields: []corev1.NodeSelectorRequirement{{Key: "metadata.name", Operator: corev1.NodeSelectorOpIn, Values: []string{"n0"}}}}},
		}}}
	})
	workloads, err := Collect(t.Context(), &cluster{objects: []client.Object{bound}}, fleetOf(1), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if workloads[0].Template.Spec.Affinity != nil {
		t.Error("it is bound to the node that its pod was on")
	}
}

func TestListsAreReadInPages(t *testing.T) {
	c := &cluster{}
	for i := range 2*PageSize + 1 {
		name := fmt.Sprintf("web-%d", i)
		set := replicaSet(name, name, "image:1")
		c.add(set, pod(name, "n0", set))
	}
	if got := len(collect(t, c, fleetOf(fewNodes+1))); got != 2*PageSize+1 {
		t.Errorf("%d workloads", got)
	}
	want := map[string]int{"NamespaceList": 1, "PodList": 3, "ReplicaSetList": 3}
	if diff := cmp.Diff(want, c.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestFewNodesAndControllersAreReadOneByOne(t *testing.T) {
	c := &cluster{}
	for i := range fewControllers {
		name := fmt.Sprintf("web-%d", i)
		set := replicaSet(name, name, "image:1")
		c.add(set, pod(name, "n0", set), pod("linux-"+name, "elsewhere", nil))
	}
	collect(t, c, fleetOf(3))
	want := map[string]int{"NamespaceList": 1, "PodList": 3, "ReplicaSet": fewControllers}
	if diff := cmp.Diff(want, c.requests); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestTheErrorSaysWhatWasRead(t *testing.T) {
	for kind, want := range map[string]string{
		"NamespaceList": "listing namespaces: ", "PodList": "listing pods: ", "ReplicaSet": "reading the ReplicaSets of pods: ",
	} {
		set := replicaSet("web-1", "web", "image:1")
		c := &cluster{forbidden: kind, objects: []client.Object{set, pod("a", "n0", set)}}
		_, err := Collect(t.Context(), c, fleetOf(1), Options{})
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestMoreWorkloadsThanAreToBeKeptAreAnError(t *testing.T) {
	c := &cluster{}
	set := replicaSet("web-1", "web", "image:1")
	c.add(set, pod("web-a", "n0", set), pod("web-b", "n0", set), pod("one", "n0", nil), pod("two", "n0", nil))
	if _, err := Collect(t.Context(), c, fleetOf(1), Options{MaxWorkloads: 3}); err != nil {
		t.Errorf("as many as may be: %v", err)
	}
	_, err := Collect(t.Context(), c, fleetOf(1), Options{MaxWorkloads: 2})
	var tooMany *TooManyError
	if !errors.As(err, &tooMany) || tooMany.Max != 2 {
		t.Errorf("got %v", err)
	}
}

func TestKindsAreToldApartByGroup(t *testing.T) {
	c := &cluster{}
	c.add(&appsv1.StatefulSet{ObjectMeta: metav1.ObjectMeta{Name: "db", Namespace: "team", UID: types.UID("db")}, Spec: appsv1.StatefulSetSpec{Template: template("image:db", nil)}})
	c.add(pod("db-0", "n0", object("apps.example.com/v1", "StatefulSet", "db")))
	want := []line{{"team", "StatefulSet/db", "image:pod", true, 1}}
	if diff := cmp.Diff(want, collect(t, c, fleetOf(1))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
