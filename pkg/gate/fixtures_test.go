package gate

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
	ws2025 = "10.0.26100"
)

// server answers for pods, ReplicaSets and namespaces as an API server does.
type server struct {
	pods        []corev1.Pod
	replicaSets map[string]*appsv1.ReplicaSet
	err         error
}

func (s *server) List(_ context.Context, list client.ObjectList, options ...client.ListOption) error {
	o := (&client.ListOptions{}).ApplyOptions(options)
	into, ok := list.(*corev1.PodList)
	if !ok {
		return fmt.Errorf("asked for a %s", reflect.TypeOf(list))
	}
	for i := range s.pods {
		pod := &s.pods[i]
		if o.FieldSelector.Matches(fields.Set{"spec.nodeName": pod.Spec.NodeName, "status.phase": string(pod.Status.Phase)}) {
			into.Items = append(into.Items, *pod)
		}
	}
	return s.err
}

func (s *server) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	switch object := into.(type) {
	case *metav1.PartialObjectMetadata:
		object.Name, object.Labels = key.Name, namespaceLabels(key.Name)
		return nil
	case *appsv1.ReplicaSet:
		if set := s.replicaSets[key.Name]; set != nil {
			set.DeepCopyInto(object)
			return nil
		}
	}
	return apierrors.NewNotFound(schema.GroupResource{Resource: reflect.TypeOf(into).String()}, key.Name)
}

// namespaceLabels are those of a team, but for the namespace of nobody.
func namespaceLabels(name string) map[string]string {
	if name == "nobody" {
		return nil
	}
	return map[string]string{"team": name}
}

// run puts pods of a Deployment on nodes, one for each.
func (s *server) run(namespace, name string, template corev1.PodTemplateSpec, nodes ...string) {
	if s.replicaSets == nil {
		s.replicaSets = map[string]*appsv1.ReplicaSet{}
	}
	set := &appsv1.ReplicaSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace, Name: name + "-7c9", UID: types.UID(namespace + name),
			OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: name, Controller: ptr.To(true)}},
		},
		Spec: appsv1.ReplicaSetSpec{Template: template},
	}
	s.replicaSets[set.Name] = set
	for i, node := range nodes {
		pod := corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{
				Namespace: namespace, Name: fmt.Sprintf("%s-7c9-%d", name, i),
				OwnerReferences: []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: set.Name, UID: set.UID, Controller: ptr.To(true)}},
			},
			Spec:   *template.Spec.DeepCopy(),
			Status: corev1.PodStatus{Phase: corev1.PodRunning},
		}
		pod.Spec.NodeName = node
		s.pods = append(s.pods, pod)
	}
}

// windows is the template of Windows pods with an image for each container.
func windows(images ...string) corev1.PodTemplateSpec {
	template := corev1.PodTemplateSpec{Spec: corev1.PodSpec{OS: &corev1.PodOS{Name: corev1.Windows}}}
	for i, image := range images {
		template.Spec.Containers = append(template.Spec.Containers, corev1.Container{Name: fmt.Sprintf("c%d", i), Image: image})
	}
	return template
}

func selecting(template corev1.PodTemplateSpec, key, value string) corev1.PodTemplateSpec {
	template.Spec.NodeSelector = map[string]string{key: value}
	return template
}

// node is a Ready node of a build.
func node(name, build string) policy.Node {
	return policy.Node{
		Name: name, Ready: true,
		Labels: map[string]string{
			corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelHostname: name, corev1.LabelWindowsBuild: build,
		},
		Taints: []corev1.Taint{{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}},
	}
}

// snapshotOf is the nodes under a policy that offers builds to teams.
func snapshotOf(t testing.TB, nodes []policy.Node, builds ...v1alpha1.BuildRule) *policy.Snapshot {
	t.Helper()
	p := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: "general"}}
	p.Spec.NamespaceSelector = &metav1.LabelSelector{
		MatchExpressions: []metav1.LabelSelectorRequirement{{Key: "team", Operator: metav1.LabelSelectorOpExists}},
	}
	p.Spec.Builds = builds
	compiled, err := policy.Compile(p)
	if err != nil {
		t.Fatal(err)
	}
	return policy.NewSnapshot(policy.NewPolicies([]*policy.Policy{compiled}), policy.CompileFleet(nodes), nil)
}

// registry is what registries say of images.
type registry map[string]policy.ImageResult

func images() registry {
	built := func(versions ...string) policy.ImageResult {
		image := &policy.Image{Index: true}
		for _, version := range versions {
			image.Platforms = append(image.Platforms, policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: version + ".1"})
		}
		return policy.ImageResult{Image: image}
	}
	return registry{
		"core:2019": built(ws2019), "core:2022": built(ws2022), "core:2025": built(ws2025), "core:all": built(ws2019, ws2022),
		"core:down": {Problem: &policy.ImageProblem{Reason: policy.ImageUnreachable, Message: "its registry does not answer"}},
	}
}

func (r registry) Facts(_ context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		facts[reference] = r[reference]
	}
	return facts
}

// silent is a registry that answers when nobody waits any more.
type silent struct{}

func (silent) Facts(ctx context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	<-ctx.Done()
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		facts[reference] = policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageTimeout, Message: "its registry did not answer in time"}}
	}
	return facts
}

func newGate(t testing.TB, o Options) *Gate {
	t.Helper()
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Images == nil {
		o.Images = images()
	}
	g, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func ask(t testing.TB, g *Gate, nodes ...string) Verdict {
	t.Helper()
	verdict, err := g.Ask(t.Context(), nodes...)
	if err != nil {
		t.Fatal(err)
	}
	return verdict
}

var errAway = errors.New("the API server is away")
