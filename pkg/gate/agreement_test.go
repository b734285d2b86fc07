package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/klog/v2"

	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// population is how many cases the agreement is proved on.
const population = 2000

// TestTheGateIsOpenWhereAdmissionAndTheSchedulerWouldTakeThePod holds the gate against the admission handlers, called
// over HTTP as an API server calls them, and the scheduler's own functions, for a generated population: what becomes of
// the pod that is made again when its node is gone.
func TestTheGateIsOpenWhereAdmissionAndTheSchedulerWouldTakeThePod(t *testing.T) {
	generate := newGenerator(1)
	counts := map[string]int{}
	for number := range population {
		nodes := generate.nodes()
		if len(nodes) == 0 {
			continue
		}
		snapshot := generate.policy(t)
		template := generate.template()
		gone := nodes[generate.IntN(len(nodes))]
		left := slices.DeleteFunc(slices.Clone(nodes), func(n policy.Node) bool { return n.Name == gone.Name })

		api := &server{}
		api.run("shop", "web", template, gone.Name)
		verdict := ask(t, newGate(t, Options{Reader: api, Snapshot: func() *policy.Snapshot { return snapshot(nodes) }}), gone.Name)
		fate := fateOf(t, snapshot(left), left, template)

		switch {
		case len(verdict.Unknown) > 0:
			counts["unknown"]++
		case verdict.Open && fate != "taken":
			t.Fatalf("case %d: the gate is open, and the pod is %s: %+v\nnodes left: %+v", number, fate, template, left)
		case !verdict.Open && fate == "taken":
			t.Fatalf("case %d: the gate says %q, and the pod is taken: %+v\nnodes left: %+v", number, verdict.Message, template, left)
		default:
			counts[fate]++
		}
	}
	// What never occurs proves nothing.
	for _, fate := range []string{"taken", "refused", "left pending", "unknown"} {
		if counts[fate] < population/50 {
			t.Errorf("only %d of %d pods are %s: the population is one-sided, %v", counts[fate], population, fate, counts)
		}
	}
}

// fateOf is what becomes of a pod of a template that is made in a cluster: "refused" by admission, "left pending" by the
// scheduler even when all nodes are available, or "taken".
func fateOf(t *testing.T, snapshot *policy.Snapshot, nodes []policy.Node, template corev1.PodTemplateSpec) string {
	t.Helper()
	pod := &corev1.Pod{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Pod"},
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-7c9-new", Labels: template.Labels}, Spec: template.Spec,
	}
	evaluator := placement.NewEvaluator(&world{snapshot}, images())
	mutated := call(t, &mutate.PodReviewer{Evaluator: evaluator, Observer: nobody{}}, pod)
	if !mutated.Allowed {
		t.Fatalf("the mutating webhook refuses: %v", mutated.Result)
	}
	placed := apply(t, pod, mutated.Patch)
	if !call(t, &validate.PodReviewer{Evaluator: evaluator, Observer: nobody{}}, placed).Allowed {
		return "refused"
	}
	for i := range nodes {
		if schedulable(placed, &nodes[i]) {
			return "taken"
		}
	}
	return "left pending"
}

// schedulable tells, by the functions that the scheduler uses, whether a node satisfies a pod's selectors and has no
// taint against it.
func schedulable(pod *corev1.Pod, n *policy.Node) bool {
	for i := range n.Taints {
		if !slices.ContainsFunc(pod.Spec.Tolerations, func(toleration corev1.Toleration) bool {
			return toleration.ToleratesTaint(klog.Background(), &n.Taints[i], false)
		}) {
			return false
		}
	}
	return labels.SelectorFromSet(pod.Spec.NodeSelector).Matches(labels.Set(n.Labels))
}

func call(t *testing.T, reviewer admission.Reviewer, pod *corev1.Pod) *admissionv1.AdmissionResponse {
	t.Helper()
	asked := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "1", Kind: metav1.GroupVersionKind{Version: "v1", Kind: "Pod"},
			Namespace: pod.Namespace, Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: encode(t, pod)},
		},
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(encode(t, asked)))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	admission.NewHandler(reviewer, admission.Options{}).ServeHTTP(recorder, request)
	var answered admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answered); err != nil || answered.Response == nil {
		t.Fatalf("the handler answers %d with %s: %v", recorder.Code, recorder.Body, err)
	}
	return answered.Response
}

func apply(t *testing.T, pod *corev1.Pod, operations []byte) *corev1.Pod {
	t.Helper()
	if len(operations) == 0 {
		return pod
	}
	patch, err := jsonpatch.DecodePatch(operations)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := patch.Apply(encode(t, pod))
	if err != nil {
		t.Fatal(err)
	}
	patched := &corev1.Pod{}
	if err := json.Unmarshal(raw, patched); err != nil {
		t.Fatal(err)
	}
	return patched
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// world is a cluster that the webhook follows.
type world struct{ snapshot *policy.Snapshot }

func (w *world) Snapshot() *policy.Snapshot { return w.snapshot }

func (w *world) NamespaceLabels(_ context.Context, name string) (map[string]string, error) {
	return namespaceLabels(name), nil
}

type nobody struct{}

func (nobody) ObserveDecision(*policy.Decision) {}
