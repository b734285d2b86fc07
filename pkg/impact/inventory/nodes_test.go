package inventory

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

func TestWhatWouldHaveToLeaveANode(t *testing.T) {
	deleted := func(p *corev1.Pod) { p.DeletionTimestamp = new(metav1.Now()) }
	mirrored := func(p *corev1.Pod) { p.Annotations = map[string]string{corev1.MirrorPodAnnotationKey: "file"} }
	succeeded := func(p *corev1.Pod) { p.Status.Phase = corev1.PodSucceeded }
	failed := func(p *corev1.Pod) { p.Status.Phase = corev1.PodFailed }
	for sentence, c := range map[string]struct {
		objects []client.Object
		nodes   []string
		want    []line
	}{
		"pods of the node, by what they are made from": {
			objects: []client.Object{
				replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n0", replicaSet("web-1", "web", "")),
				pod("by-hand", "n0", nil),
			},
			want: []line{{"team", "Deployment/web", "image:1", false, 2}, {"team", "Pod/by-hand", "image:pod", true, 1}},
		},
		"of a workload only the pods of the node": {
			objects: []client.Object{
				replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n1", replicaSet("web-1", "web", "")),
			},
			want: []line{{"team", "Deployment/web", "image:1", false, 1}},
		},
		"of several nodes all": {
			nodes: []string{"n0", "n1"},
			objects: []client.Object{
				replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", "")), pod("b", "n1", replicaSet("web-1", "web", "")),
			},
			want: []line{{"team", "Deployment/web", "image:1", false, 2}},
		},
		"nothing that lives and ends with the node": {
			objects: []client.Object{pod("agent-x", "n0", object("apps/v1", "DaemonSet", "agent")), pod("proxy", "n0", nil, mirrored)},
		},
		"nothing that has ended or is ending": {
			objects: []client.Object{pod("a", "n0", nil, succeeded), pod("b", "n0", nil, failed), pod("c", "n0", nil, deleted)},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			nodes := c.nodes
			if nodes == nil {
				nodes = []string{"n0"}
			}
			reader := &cluster{objects: c.objects}
			workloads, err := CollectNodes(t.Context(), reader, nodes)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, linesOf(workloads), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheLabelsOfThePodsNamespacesAreRead(t *testing.T) {
	in := func(name string) func(*corev1.Pod) { return func(p *corev1.Pod) { p.Namespace = name } }
	for sentence, c := range map[string]struct {
		namespaces int
		gets       int
		lists      int
	}{
		"one by one where they are few": {namespaces: 2, gets: 2},
		"with one list where not":       {namespaces: fewOfANode + 1, lists: 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			reader := &cluster{}
			for i := range c.namespaces {
				name := fmt.Sprintf("team-%03d", i)
				reader.add(namespace(name, map[string]string{"name": name}), pod("one", "n0", nil, in(name)))
			}
			workloads, err := CollectNodes(t.Context(), reader, []string{"n0"})
			if err != nil || len(workloads) != c.namespaces {
				t.Fatalf("%d workloads, %v", len(workloads), err)
			}
			for _, w := range workloads {
				if w.NamespaceLabels["name"] != w.Namespace {
					t.Errorf("namespace %s has labels %v", w.Namespace, w.NamespaceLabels)
				}
			}
			if reader.requests["Namespace"] != c.gets || reader.requests["NamespaceList"] != c.lists || reader.requests["PodList"] != 1 {
				t.Errorf("requests %v", reader.requests)
			}
		})
	}
}

func TestANamespaceThatIsGoneHasNoLabels(t *testing.T) {
	workloads, err := CollectNodes(t.Context(), &cluster{objects: []client.Object{pod("one", "n0", nil)}}, []string{"n0"})
	if err != nil || len(workloads) != 1 || len(workloads[0].NamespaceLabels) != 0 {
		t.Errorf("%v, %v", workloads, err)
	}
}

func TestWhatOfANodeCannotBeReadIsNamed(t *testing.T) {
	for kind, want := range map[string]string{
		"PodList":    "listing the pods of node n0: ",
		"Namespace":  "reading namespace team: ",
		"ReplicaSet": "reading the ReplicaSets of pods: ",
	} {
		t.Run(kind, func(t *testing.T) {
			reader := &cluster{forbidden: kind, objects: []client.Object{
				namespace("team", nil), replicaSet("web-1", "web", "image:1"), pod("a", "n0", replicaSet("web-1", "web", "")),
			}}
			_, err := CollectNodes(t.Context(), reader, []string{"n0"})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}
