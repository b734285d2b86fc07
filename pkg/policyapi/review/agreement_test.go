package review_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	jsonpatch "github.com/evanphx/json-patch/v5"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	admissionv1 "k8s.io/api/admission/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/admission"
	"github.com/mullion-dev/mullion/pkg/mutate"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policy"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
	"github.com/mullion-dev/mullion/pkg/validate"
)

// population is how many objects the agreement is proved on.
const population = 6000

// TestAReviewSaysWhatAdmissionDoes holds reviews against the admission handlers themselves, called over HTTP as an
// API server calls them, for a generated population: the same objects, in the same clusters, under the same policies.
func TestAReviewSaysWhatAdmissionDoes(t *testing.T) {
	generate := newGenerator(1)
	counts := map[string]int{}
	for number := range population {
		w := generate.world(t)
		object := generate.object()
		q := question(object)
		got := answer(t, w, q).Status
		want := newAPIServer(w).create(t, object)
		if diff := cmp.Diff(want, toldBy(t, &got), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("object %d of the population, %s: admission (-) and review (+) differ:\n%s", number, q.Spec.Object.Raw, diff)
		}
		counts[want.class()]++
		counts[object["kind"].(string)]++
	}
	// What never occurs proves nothing.
	for _, class := range []string{
		"refused", "placed", "placed with warnings", "left alone", "told", "Pod", "Deployment", "DaemonSet",
	} {
		if counts[class] < population/100 {
			t.Errorf("only %d of %d objects are of class %q: the population is one-sided, %v", counts[class], population, class, counts)
		}
	}
}

// said is what is said of an object, whoever says it.
type said struct {
	Allowed  bool
	Denial   string
	Warnings []string
	Patch    []map[string]any
	Target   placementv1alpha1.PatchTarget
}

func (s *said) class() string {
	switch {
	case !s.Allowed:
		return "refused"
	case len(s.Patch) > 0 && len(s.Warnings) > 0:
		return "placed with warnings"
	case len(s.Patch) > 0:
		return "placed"
	case len(s.Warnings) > 0 || s.Denial != "":
		return "told"
	default:
		return "left alone"
	}
}

func toldBy(t *testing.T, status *placementv1alpha1.PlacementReviewStatus) said {
	t.Helper()
	told := said{Allowed: status.Allowed, Target: status.PatchTarget}
	if status.Denial != nil {
		told.Denial = status.Denial.Message
	}
	for _, warning := range status.Warnings {
		told.Warnings = append(told.Warnings, warning.Message)
	}
	raw, err := json.Marshal(status.Patch)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &told.Patch); err != nil {
		t.Fatal(err)
	}
	return told
}

// apiServer calls the webhook as an API server does that creates an object.
type apiServer struct {
	handlers map[string]http.Handler
}

func newAPIServer(w *world) *apiServer {
	evaluator := placement.NewEvaluator(w.cluster, w.registry)
	server := &apiServer{handlers: map[string]http.Handler{}}
	for name, reviewer := range map[string]admission.Reviewer{
		"mutate-pods":        &mutate.PodReviewer{Evaluator: evaluator, Observer: nobody{}},
		"mutate-daemonsets":  &mutate.DaemonSetReviewer{Evaluator: evaluator},
		"validate-pods":      &validate.PodReviewer{Evaluator: evaluator, Observer: nobody{}},
		"validate-workloads": &validate.WorkloadReviewer{Evaluator: evaluator},
	} {
		server.handlers[name] = admission.NewHandler(reviewer, admission.Options{})
	}
	return server
}

// create is what becomes of an object, and of the pods that are made from it.
func (s *apiServer) create(t *testing.T, object map[string]any) said {
	t.Helper()
	raw := encode(t, object)
	if object["kind"] == "Pod" {
		return s.createPod(t, raw, placementv1alpha1.PatchObject)
	}
	var changed []map[string]any
	if object["kind"] == "DaemonSet" {
		raw, changed = s.mutate(t, "mutate-daemonsets", object["kind"].(string), raw)
	}
	warned := s.call(t, "validate-workloads", object["kind"].(string), raw)
	var applied struct {
		Spec struct{ Template json.RawMessage }
	}
	if err := json.Unmarshal(raw, &applied); err != nil {
		t.Fatal(err)
	}
	made := s.createPod(t, applied.Spec.Template, placementv1alpha1.PatchPods)
	made.Warnings = warned.Warnings
	made.Denial = within(made.Denial)
	if len(changed) > 0 {
		made.Patch, made.Target = changed, placementv1alpha1.PatchObject
	}
	return made
}

// within is a denial of a pod with the path of its field within what makes the pod.
func within(denial string) string {
	if strings.HasPrefix(denial, "spec.") || strings.HasPrefix(denial, "metadata.") || strings.HasPrefix(denial, "spec:") {
		return "spec.template." + denial
	}
	return denial
}

func (s *apiServer) createPod(t *testing.T, raw []byte, target placementv1alpha1.PatchTarget) said {
	t.Helper()
	raw, patch := s.mutate(t, "mutate-pods", "Pod", raw)
	verdict := s.call(t, "validate-pods", "Pod", raw)
	result := said{
		Allowed: verdict.Allowed, Warnings: verdict.Warnings, Denial: verdict.AuditAnnotations[validate.AuditDenial], Patch: patch,
	}
	if len(patch) > 0 {
		result.Target = target
	}
	if !verdict.Allowed && verdict.Result.Message != result.Denial {
		t.Fatalf("admission refuses with %q and notes %q", verdict.Result.Message, result.Denial)
	}
	return result
}

// mutate calls a mutating endpoint and does with its patch what an API server does.
func (s *apiServer) mutate(t *testing.T, endpoint, kind string, raw []byte) ([]byte, []map[string]any) {
	t.Helper()
	response := s.call(t, endpoint, kind, raw)
	if !response.Allowed {
		t.Fatalf("%s refuses", endpoint)
	}
	if len(response.Patch) == 0 {
		return raw, nil
	}
	patch, err := jsonpatch.DecodePatch(response.Patch)
	if err != nil {
		t.Fatal(err)
	}
	patched, err := patch.Apply(raw)
	if err != nil {
		t.Fatal(err)
	}
	var operations []map[string]any
	if err := json.Unmarshal(response.Patch, &operations); err != nil {
		t.Fatal(err)
	}
	return patched, operations
}

func (s *apiServer) call(t *testing.T, endpoint, kind string, raw []byte) *admissionv1.AdmissionResponse {
	t.Helper()
	group := "apps"
	if kind == "Pod" {
		group = ""
	}
	asked := admissionv1.AdmissionReview{
		TypeMeta: metav1.TypeMeta{APIVersion: "admission.k8s.io/v1", Kind: "AdmissionReview"},
		Request: &admissionv1.AdmissionRequest{
			UID: "1", Kind: metav1.GroupVersionKind{Group: group, Version: "v1", Kind: kind},
			Namespace: "shop", Operation: admissionv1.Create, Object: runtime.RawExtension{Raw: raw},
		},
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/"+endpoint, bytes.NewReader(encode(t, asked)))
	request.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	s.handlers[endpoint].ServeHTTP(recorder, request)
	var answered admissionv1.AdmissionReview
	if err := json.Unmarshal(recorder.Body.Bytes(), &answered); err != nil || answered.Response == nil {
		t.Fatalf("%s answers %d with %s: %v", endpoint, recorder.Code, recorder.Body, err)
	}
	return answered.Response
}

func encode(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

type nobody struct{}

func (nobody) ObserveDecision(*policy.Decision) {}

var _ review.Images = (*registry)(nil)
