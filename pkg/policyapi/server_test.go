package policyapi_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/placement"
	"github.com/mullion-dev/mullion/pkg/policyapi"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

const windowsPod = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"}}`

func TestAReviewIsAnsweredToWhomThePolicyAPIKnows(t *testing.T) {
	w := newWorld(t, allowing())
	response := w.create(t, "", reviewOf(windowsPod))
	if response.StatusCode != http.StatusCreated {
		t.Fatalf("got %s", response.Status)
	}
	answered := decode[placementv1alpha1.PlacementReview](t, response)
	if !answered.Status.Allowed || answered.Name != "web" || answered.Namespace != "shop" || len(answered.ManagedFields) > 0 {
		t.Errorf("answered %+v", answered)
	}
	if answered.APIVersion != "placement.mullion.dev/v1alpha1" || answered.Kind != "PlacementReview" {
		t.Errorf("answered a %s %s", answered.APIVersion, answered.Kind)
	}
}

func TestWhoHasNotTheRightIsForbidden(t *testing.T) {
	w := newWorld(t, allowing())
	if response := w.ask(t, "bob", http.MethodPost, reviewsPath, reviewOf(windowsPod)); response.StatusCode != http.StatusForbidden {
		t.Errorf("got %s", response.Status)
	}
}

func TestNobodyIsBelievedBeforeTheAPIServersIdentityIsKnown(t *testing.T) {
	w := newUntrustingWorld(t, allowing())
	if w.server.Ready() == nil {
		t.Error("callers can be authenticated without knowing by what")
	}
	if response := w.create(t, "", reviewOf(windowsPod)); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("before: got %s", response.Status)
	}
	w.trust(t)
	if response := w.create(t, "", reviewOf(windowsPod)); response.StatusCode != http.StatusCreated {
		t.Errorf("after: got %s", response.Status)
	}
}

func TestWhoClaimsToBeSomebodyWithoutTheProxysCertificateIsNobody(t *testing.T) {
	w := newWorld(t, allowing())
	w.proxy = newFrontProxy(t) // Another one, of the same name.
	if response := w.create(t, "", reviewOf(windowsPod)); response.StatusCode != http.StatusUnauthorized {
		t.Errorf("got %s", response.Status)
	}
}

func TestTheCallersRightToSecretsIsAskedFor(t *testing.T) {
	var may bool
	w := newWorld(t, reviewerFunc(func(ctx context.Context, q review.Question) (*review.Answer, error) {
		var err error
		may, err = q.Caller.MayReadSecrets(ctx, q.Namespace)
		return &review.Answer{}, err
	}))
	w.rights.grant("ann get secrets")
	w.rights.grant("bob create placementreviews")
	if w.create(t, "", reviewOf(windowsPod)); !may {
		t.Error("ann may read secrets")
	}
	if w.ask(t, "bob", http.MethodPost, reviewsPath, reviewOf(windowsPod)); may {
		t.Error("bob may not read secrets")
	}
}

func TestErrorsOfReviewsAreThoseOfTheAPI(t *testing.T) {
	strict := &review.Answer{Strict: field.ErrorList{field.Invalid(field.NewPath("spec", "object", "x"), field.OmitValueType{}, "unknown field")}}
	for sentence, c := range map[string]struct {
		answer *review.Answer
		err    error
		query  string
		code   int
		text   string
	}{
		"a question that makes no sense": {
			err:  &review.InvalidError{Errors: field.ErrorList{field.Required(field.NewPath("spec", "object"), "")}},
			code: http.StatusUnprocessableEntity, text: "spec.object",
		},
		"too early":                        {err: placement.ErrNotReady, code: http.StatusServiceUnavailable, text: "not known yet"},
		"a namespace that does not exist":  {err: errNamespace, code: http.StatusNotFound, text: `\"shop\" not found`},
		"anything else":                    {err: errSomething, code: http.StatusInternalServerError, text: "something"},
		"unknown fields, to strict client": {answer: strict, query: "?fieldValidation=Strict", code: http.StatusUnprocessableEntity, text: "spec.object.x"},
		"unknown fields, to another":       {answer: strict, code: http.StatusCreated},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, reviewerFunc(func(context.Context, review.Question) (*review.Answer, error) { return c.answer, c.err }))
			response := w.create(t, c.query, reviewOf(windowsPod))
			if response.StatusCode != c.code {
				t.Errorf("got %s, want %d", response.Status, c.code)
			}
			warned := strings.Contains(response.Header.Get("Warning"), "spec.object.x")
			if want := c.answer != nil && c.query == ""; warned != want {
				t.Errorf("warned: %v", warned)
			}
			if body, err := io.ReadAll(response.Body); err != nil || !strings.Contains(string(body), c.text) {
				t.Errorf("the answer is %s, %v", body, err)
			}
		})
	}
}

func TestANamespaceThatIsNotThatOfThePathIsRefused(t *testing.T) {
	w := newWorld(t, allowing())
	body := strings.Replace(reviewOf(windowsPod), `"namespace":"shop"`, `"namespace":"elsewhere"`, 1)
	if response := w.create(t, "", body); response.StatusCode != http.StatusBadRequest {
		t.Errorf("got %s", response.Status)
	}
}

func TestMoreThanCanBeAnsweredIsToldToComeBack(t *testing.T) {
	entered, leave := make(chan struct{}, 2), make(chan struct{})
	w := newWorld(t, reviewerFunc(func(context.Context, review.Question) (*review.Answer, error) {
		entered <- struct{}{}
		<-leave
		return &review.Answer{}, nil
	}), func(o *policyapi.Options) { o.MaxInFlight = 1 })
	w.rights.grant("ann create placementreviews")
	first := make(chan int)
	go func() { first <- w.ask(t, "ann", http.MethodPost, reviewsPath, reviewOf(windowsPod)).StatusCode }()
	<-entered

	response := w.create(t, "", reviewOf(windowsPod))
	if response.StatusCode != http.StatusTooManyRequests || response.Header.Get("Retry-After") == "" {
		t.Errorf("got %s, to come back after %q", response.Status, response.Header.Get("Retry-After"))
	}
	close(leave)
	if code := <-first; code != http.StatusCreated {
		t.Errorf("the first got %d", code)
	}
}

func TestAdmissionReviewsAreForThoseWhomTheClusterLets(t *testing.T) {
	admission := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "admitted") })
	const path = "/apis/placement.mullion.dev/v1alpha1/mutate-pods"
	for sentence, c := range map[string]struct {
		user   string
		groups []string
		path   string
		code   int
	}{
		"the API server":           {"system:apiserver", []string{"system:masters"}, path, http.StatusOK},
		"somebody with the right":  {"ann", nil, path, http.StatusOK},
		"somebody without":         {"bob", nil, path, http.StatusForbidden},
		"in a namespace":           {"ann", nil, strings.Replace(path, "mutate", "namespaces/shop/mutate", 1), http.StatusNotFound},
		"an endpoint there is not": {"ann", nil, path + "-of-others", http.StatusForbidden},
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, allowing(), func(o *policyapi.Options) { o.Admission = map[string]http.Handler{"mutate-pods": admission} })
			w.rights.grant("ann create mutate-pods")
			if response := w.ask(t, c.user, http.MethodPost, c.path, "{}", c.groups...); response.StatusCode != c.code {
				t.Errorf("got %s, want %d", response.Status, c.code)
			}
		})
	}
	t.Run("and not there unless wanted", func(t *testing.T) {
		w := newWorld(t, allowing())
		if response := w.ask(t, "system:apiserver", http.MethodPost, path, "{}", "system:masters"); response.StatusCode != http.StatusNotFound {
			t.Errorf("got %s", response.Status)
		}
	})
}

func TestTheAPIDescribesItself(t *testing.T) {
	w := newWorld(t, allowing())
	for path, want := range map[string]string{
		"/apis/placement.mullion.dev/v1alpha1":            `"kind":"PlacementReview","verbs":["create"]`,
		"/openapi/v2":                                     "where the pods of an object would run",
		"/openapi/v3/apis/placement.mullion.dev/v1alpha1": `"x-kubernetes-group-version-kind":[{"group":"placement.mullion.dev"`,
	} {
		response := w.ask(t, "system:apiserver", http.MethodGet, path, "", "system:masters")
		body, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(body), want) {
			t.Errorf("%s: %s, %v, %.300s", path, response.Status, err, body)
		}
	}
	for _, path := range []string{"/debug/pprof/", "/metrics"} {
		if response := w.ask(t, "system:apiserver", http.MethodGet, path, "", "system:masters"); response.StatusCode != http.StatusNotFound {
			t.Errorf("%s is served: %s", path, response.Status)
		}
	}
}

// kubectl trusts the server to find mistakes in fields where a PATCH of the kind has the parameter for it. Without
// one it lists CRDs, which few may.
func TestKubectlFindsThatTheServerValidatesFields(t *testing.T) {
	w := newWorld(t, allowing())
	for _, path := range []string{"/openapi/v2", "/openapi/v3/apis/placement.mullion.dev/v1alpha1"} {
		document := decode[struct {
			Paths map[string]struct {
				Patch struct {
					Kind       metav1.GroupVersionKind `json:"x-kubernetes-group-version-kind"`
					Parameters []struct{ Name, In string }
					Responses  map[string]any
				}
			}
		}](t, w.ask(t, "system:apiserver", http.MethodGet, path, "", "system:masters"))
		patch := document.Paths["/apis/placement.mullion.dev/v1alpha1/namespaces/{namespace}/placementreviews"].Patch
		if patch.Kind.Kind != "PlacementReview" || len(patch.Parameters) != 1 || patch.Parameters[0].Name != "fieldValidation" || patch.Parameters[0].In != "query" {
			t.Errorf("%s has %+v", path, patch)
		}
		if _, said := patch.Responses["405"]; !said || len(patch.Responses) != 1 {
			t.Errorf("%s promises %v", path, patch.Responses)
		}
	}
	w.rights.grant("ann patch placementreviews")
	if response := w.ask(t, "ann", http.MethodPatch, reviewsPath, "{}"); response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("what is said not to be allowed is answered with %s", response.Status)
	}
}

func TestReviewsAreCountedByHowTheyEnd(t *testing.T) {
	registry := prometheus.NewRegistry()
	metrics, err := policyapi.NewMetrics(registry)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, allowing(), func(o *policyapi.Options) { o.Observer = metrics })
	if err := w.server.RegisterReadiness(registry); err != nil {
		t.Fatal(err)
	}
	w.create(t, "", reviewOf(windowsPod))
	metrics.ObserveReview(policyapi.OutcomeFailed, time.Second)
	if count, err := testutil.GatherAndCount(registry, "mullion_placement_review_duration_seconds", "mullion_policy_api_ready"); err != nil || count != 3 {
		t.Errorf("%d series, %v", count, err)
	}
	if problems, err := testutil.GatherAndLint(registry); err != nil || len(problems) > 0 {
		t.Errorf("metrics that do not follow the conventions: %v, %v", problems, err)
	}
}

func TestAClientThatPrintsWhatItGetsIsGivenARow(t *testing.T) {
	w := newWorld(t, allowing())
	w.rights.grant("ann create placementreviews")
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+reviewsPath, strings.NewReader(reviewOf(windowsPod)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io")
	table := decode[metav1.Table](t, w.send(t, request, "ann"))
	if len(table.Rows) != 1 || len(table.Rows[0].Cells) != len(table.ColumnDefinitions) || table.Rows[0].Cells[0] != "web" {
		t.Errorf("the table is %+v", table)
	}
}
