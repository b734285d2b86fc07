package fleet

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

// Builds and base images of the test cluster.
const (
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
	ws2025 = "10.0.26100"

	core = "mcr.microsoft.com/windows/servercore:"
)

// scene is a cluster in the making.
type scene struct {
	nodes, pods, replicaSets, policies []client.Object
	namespaces                         []string
}

// shop is a cluster with a node of each build, where one workload needs Windows Server 2019, one runs anywhere, one
// has an image that cannot be inspected, and one has no node already.
func shop() *scene {
	s := &scene{namespaces: []string{"shop", "bank"}}
	s.addNode("node-2019", ws2019, true)
	s.addNode("node-2022-a", ws2022, true)
	s.addNode("node-2022-b", ws2022, false)
	s.addPolicy("windows", ws2022, ws2019)
	s.addWorkload("shop", "web", core+"ltsc2019", "node-2019", 3)
	s.addWorkload("shop", "anywhere", core+"any", "node-2019", 2)
	s.addWorkload("bank", "books", core+"ltsc2019", "node-2019", 1)
	s.addWorkload("bank", "riddle", "registry.example.com/riddle", "node-2019", 1)
	s.addWorkload("bank", "lost", core+"ltsc2016", "node-2022-b", 1)
	return s
}

func (s *scene) addNode(name, build string, ready bool) {
	status := corev1.ConditionFalse
	if ready {
		status = corev1.ConditionTrue
	}
	s.nodes = append(s.nodes, &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelWindowsBuild: build,
		}},
		Status: corev1.NodeStatus{
			Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: status}},
			NodeInfo:   corev1.NodeSystemInfo{KernelVersion: build + ".1000"},
		},
	})
}

func (s *scene) addPolicy(name string, builds ...string) {
	p := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, build := range builds {
		p.Spec.Builds = append(p.Spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	p.Status.Builds = []v1alpha1.BuildStatus{{Build: ws2019, Workloads: &v1alpha1.BuildWorkloads{
		Pods: 6, StrandedPods: 4, UnknownPods: 1, Stranded: []string{"bank/Deployment/books"}, MoreStranded: 1,
	}}}
	s.policies = append(s.policies, p)
}

// addWorkload adds a Deployment's ReplicaSet with its pods, placed as admission does it.
func (s *scene) addWorkload(namespace, name, image, node string, pods int) {
	controller := true
	spec := corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}, Containers: []corev1.Container{{Name: "app", Image: image}}}
	set := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name + "-1", UID: types.UID(namespace + "/" + name),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: name, Controller: &controller}},
		},
		Spec: appsv1.ReplicaSetSpec{Template: corev1.PodTemplateSpec{Spec: spec}},
	}
	s.replicaSets = append(s.replicaSets, set)
	spec.NodeName = node
	for i := range pods {
		s.pods = append(s.pods, &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: namespace, Name: fmt.Sprintf("%s-1-%d", name, i),
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: set.Name, UID: set.UID, Controller: &controller}},
			},
			Spec: spec,
		})
	}
}

// serve starts the cluster's API server, with a policy server that knows what the names of images say.
func (s *scene) serve(t testing.TB) *commandtest.API {
	t.Helper()
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	var namespaces []client.Object
	for _, name := range s.namespaces {
		namespaces = append(namespaces, &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Name: name}})
	}
	server.ServeCollection(t, "/api/v1", "nodes", "NodeList", s.nodes...)
	server.ServeCollection(t, "/api/v1", "pods", "PodList", s.pods...)
	server.ServeCollection(t, "/api/v1", "namespaces", "PartialObjectMetadataList", namespaces...)
	server.ServeCollection(t, "/apis/apps/v1", "replicasets", "ReplicaSetList", s.replicaSets...)
	server.ServeCollection(t, "/apis/node.k8s.io/v1", "runtimeclasses", "RuntimeClassList")
	server.ServeCollection(t, "/apis/mullion.dev/v1alpha1", "windowsbuildpolicies", "WindowsBuildPolicyList", s.policies...)
	server.Answer(inspect)
	return server
}

// inspect answers for the images of a review.
func inspect(review *placementv1alpha1.PlacementReview) placementv1alpha1.PlacementReviewStatus {
	status := placementv1alpha1.PlacementReviewStatus{Allowed: true, Policy: "windows"}
	for _, reference := range references(string(review.Spec.Object.Raw)) {
		status.Images = append(status.Images, factsFor(reference))
	}
	return status
}

// references finds the images in an object's JSON.
func references(object string) []string {
	var found []string
	for _, part := range strings.Split(object, `"image":"`)[1:] {
		reference, _, _ := strings.Cut(part, `"`)
		found = append(found, reference)
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// factsFor is what is behind a reference, by its tag.
func factsFor(reference string) placementv1alpha1.ImageFacts {
	facts := placementv1alpha1.ImageFacts{Reference: reference, Digest: "sha256:0", Index: true}
	add := func(build string) {
		facts.Platforms = append(facts.Platforms, placementv1alpha1.Platform{OS: "windows", Architecture: "amd64", OSVersion: build + ".1000"})
	}
	switch {
	case strings.HasSuffix(reference, "ltsc2016"):
		add("10.0.14393")
	case strings.HasSuffix(reference, "ltsc2019"):
		add(ws2019)
	case strings.HasSuffix(reference, "ltsc2022"):
		add(ws2022)
	case strings.HasSuffix(reference, "any"):
		add(ws2019)
		add(ws2022)
	default:
		facts.Digest = ""
		facts.Problem = &placementv1alpha1.ImageProblem{Reason: "Unauthorized", Message: "the registry wants credentials"}
	}
	return facts
}
