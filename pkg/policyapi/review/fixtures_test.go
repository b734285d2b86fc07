package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
	"github.com/mullion-dev/mullion/pkg/workload"
)

const (
	ws2019 = "10.0.17763"
	ws2022 = "10.0.20348"
	ws2025 = "10.0.26100"
)

var errAway = errors.New("away")

// cluster is a snapshot and the labels of namespaces.
type cluster struct {
	snapshot   *policy.Snapshot
	namespaces map[string]map[string]string
}

func (c *cluster) Snapshot() *policy.Snapshot { return c.snapshot }

func (c *cluster) NamespaceLabels(_ context.Context, name string) (map[string]string, error) {
	labels, there := c.namespaces[name]
	if !there {
		return nil, errAway
	}
	return labels, nil
}

// registry answers alike to admission and to reviews, and remembers how often it was asked and by whom.
type registry struct {
	images    map[string]policy.ImageResult
	asked     []string
	anonymous []bool
}

func (r *registry) Facts(_ context.Context, _ *workload.Pod, references []string, _ bool) map[string]policy.ImageResult {
	facts := map[string]policy.ImageResult{}
	for _, reference := range references {
		facts[reference] = r.result(reference)
	}
	return facts
}

func (r *registry) result(reference string) policy.ImageResult {
	if result, known := r.images[reference]; known {
		return result
	}
	return policy.ImageResult{Problem: &policy.ImageProblem{Reason: policy.ImageNotFound, Message: "there is no such image"}}
}

func (r *registry) Ask(_ context.Context, _ *workload.Pod, references []string, anonymous bool) map[string]review.ImageAnswer {
	r.asked = append(r.asked, references...)
	r.anonymous = append(r.anonymous, anonymous)
	source := placementv1alpha1.CredentialsPullSecrets
	if anonymous {
		source = placementv1alpha1.CredentialsAnonymous
	}
	answers := map[string]review.ImageAnswer{}
	for _, reference := range references {
		answers[reference] = review.ImageAnswer{ImageResult: r.result(reference), Credentials: source}
	}
	return answers
}

// scope excludes the namespaces that it says why of.
type scope map[string]string

func (s scope) Excluded(namespace string, _ map[string]string) string { return s[namespace] }

// reader is a caller who may read secrets, or may not, or about whom nobody can be asked.
type reader struct {
	may   bool
	err   error
	asked *int
}

func (r reader) MayReadSecrets(context.Context, string) (bool, error) {
	if r.asked != nil {
		*r.asked++
	}
	return r.may, r.err
}

func images() map[string]policy.ImageResult {
	windows := func(versions ...string) policy.ImageResult {
		image := &policy.Image{Digest: "sha256:" + versions[0], Index: true}
		for _, version := range versions {
			image.Platforms = append(image.Platforms, policy.Platform{OS: "windows", Architecture: "amd64", OSVersion: version})
		}
		return policy.ImageResult{Image: image}
	}
	linux := policy.Platform{OS: "linux", Architecture: "amd64"}
	mixed := windows("10.0.17763.5000", "10.0.20348.2700")
	mixed.Image.Platforms = append(mixed.Image.Platforms, linux)
	stale := windows("10.0.20348.2700")
	stale.Image.Stale = true
	return map[string]policy.ImageResult{
		"core:2019":  windows("10.0.17763.5000"),
		"core:2022":  windows("10.0.20348.2700"),
		"core:2025":  windows("10.0.26100.100"),
		"core:multi": windows("10.0.17763.5000", "10.0.20348.2700", "10.0.26100.100"),
		"core:stale": stale,
		"core:mute":  windows(""),
		"mixed:1":    mixed,
		"linux:1":    {Image: &policy.Image{Platforms: []policy.Platform{linux}}},
		"down:1":     {Problem: &policy.ImageProblem{Reason: policy.ImageUnreachable, Message: "the registry does not answer"}},
	}
}

// node is a Ready node of a build.
func node(name, build string, taints ...corev1.Taint) policy.Node {
	return policy.Node{Name: name, Ready: true, KernelVersion: build + ".1", Taints: taints, Labels: map[string]string{
		corev1.LabelOSStable: "windows", corev1.LabelArchStable: "amd64", corev1.LabelHostname: name, corev1.LabelWindowsBuild: build,
	}}
}

var osTaint = corev1.Taint{Key: "os", Value: "windows", Effect: corev1.TaintEffectNoSchedule}

// fleet is a node of each build.
func fleet() []policy.Node {
	return []policy.Node{node("a19", ws2019, osTaint), node("a22", ws2022, osTaint), node("a25", ws2025)}
}

// offering is a policy that offers builds.
func offering(name string, builds ...string) *v1alpha1.WindowsBuildPolicy {
	offer := &v1alpha1.WindowsBuildPolicy{ObjectMeta: metav1.ObjectMeta{Name: name}}
	for _, build := range builds {
		offer.Spec.Builds = append(offer.Spec.Builds, v1alpha1.BuildRule{Build: build})
	}
	return offer
}

func snapshotOf(t testing.TB, nodes []policy.Node, policies ...*v1alpha1.WindowsBuildPolicy) *policy.Snapshot {
	t.Helper()
	compiled := make([]*policy.Policy, len(policies))
	for i := range policies {
		var err error
		if compiled[i], err = policy.Compile(policies[i]); err != nil {
			t.Fatal(err)
		}
	}
	classes := []policy.RuntimeClass{
		{Name: "isolated", Handler: "runhcs-wcow-hypervisor"},
		{Name: "windows-" + ws2022, Handler: "runhcs-wcow-process", NodeSelector: map[string]string{corev1.LabelWindowsBuild: ws2022}},
	}
	return policy.NewSnapshot(policy.NewPolicies(compiled), policy.CompileFleet(nodes), classes)
}

// world is a cluster with namespace shop, and its registry.
type world struct {
	cluster  *cluster
	registry *registry
	scope    scope
}

func newWorld(t testing.TB, policies ...*v1alpha1.WindowsBuildPolicy) *world {
	t.Helper()
	return &world{
		cluster: &cluster{
			snapshot:   snapshotOf(t, fleet(), policies...),
			namespaces: map[string]map[string]string{"shop": {"team": "a"}, "kube-system": {}},
		},
		registry: &registry{images: images()},
		scope:    scope{"kube-system": "it belongs to the cluster"},
	}
}

func (w *world) reviewer(t testing.TB) *review.Reviewer {
	t.Helper()
	reviewer, err := review.New(review.Options{Cluster: w.cluster, Images: w.registry, Scope: w.scope})
	if err != nil {
		t.Fatal(err)
	}
	return reviewer
}

// question is one about an object in namespace shop, from somebody who may read secrets there.
func question(object any, changes ...func(*review.Question)) review.Question {
	spec := &placementv1alpha1.PlacementReviewSpec{}
	switch o := object.(type) {
	case string:
		spec.Object.Raw = []byte(o)
	default:
		spec.Object.Raw, _ = json.Marshal(o) //nolint:errchkjson // Of maps and API types, which always can be.
	}
	q := review.Question{Namespace: "shop", Spec: spec, Caller: reader{may: true}}
	for _, change := range changes {
		change(&q)
	}
	return q
}

func assuming(a placementv1alpha1.Assumptions) func(*review.Question) {
	return func(q *review.Question) { q.Spec.Assume = &a }
}

func asked(by reader) func(*review.Question) { return func(q *review.Question) { q.Caller = by } }

// windowsPod is a Windows pod of images, with more fields in its specification.
func windowsPod(more map[string]any, references ...string) map[string]any {
	containers := []any{}
	for i, reference := range references {
		containers = append(containers, map[string]any{"name": string(rune('a' + i)), "image": reference})
	}
	spec := map[string]any{"os": map[string]any{"name": "windows"}, "containers": containers}
	maps.Copy(spec, more)
	return map[string]any{"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": "web"}, "spec": spec}
}

// owned is an object of a kind that makes such pods.
func owned(kind string, pod map[string]any) map[string]any {
	return map[string]any{
		"apiVersion": "apps/v1", "kind": kind, "metadata": map[string]any{"name": "web"},
		"spec": map[string]any{"template": map[string]any{"metadata": map[string]any{}, "spec": pod["spec"]}},
	}
}

func answer(t *testing.T, w *world, q review.Question) *review.Answer {
	t.Helper()
	answered, err := w.reviewer(t).Review(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	return answered
}
