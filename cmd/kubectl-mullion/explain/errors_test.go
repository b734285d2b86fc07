package explain

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

// refusing is a server whose policy server answers with a Status.
func refusing(t *testing.T, code int32, reason metav1.StatusReason, message string) *commandtest.API {
	t.Helper()
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, _ *http.Request) {
		commandtest.Refuse(w, code, reason, message)
	})
	return server
}

func TestErrorsSayWhatToDoAboutThem(t *testing.T) {
	file := []string{"-f", "testdata/allowed.yaml"}
	for sentence, c := range map[string]struct {
		given func(*testing.T)
		args  []string
		want  []string
	}{
		"there is no kubeconfig": {
			func(t *testing.T) { t.Helper(); commandtest.Isolate(t) }, file, []string{"no cluster is configured", "/none", "--kubeconfig"},
		},
		"the kubeconfig that is named is not there": {
			func(t *testing.T) { t.Helper(); commandtest.Isolate(t) }, append(file[:2:2], "--kubeconfig", "testdata/none"), []string{"reading the kubeconfig", "testdata/none"},
		},
		"the context is not there": {
			func(t *testing.T) { t.Helper(); api(t) }, append(file[:2:2], "--context", "prod"),
			[]string{`no context "prod"`, "kubectl config get-contexts"},
		},
		"nothing listens": {
			func(t *testing.T) {
				t.Helper()
				commandtest.Isolate(t)
				server := httptest.NewServer(http.NotFoundHandler())
				server.Close()
				commandtest.Kubeconfig(t, server.URL)
			}, file, []string{"server http://127.0.0.1:", `(context "test") refuses connections`, "--context"},
		},
		"nothing listens, and an object of the cluster is asked for": {
			func(t *testing.T) {
				t.Helper()
				commandtest.Isolate(t)
				commandtest.Kubeconfig(t, "http://127.0.0.1:1")
			}, []string{"deploy/web"}, []string{"server http://127.0.0.1:1", "refuses connections"},
		},
		"nobody answers in time": {
			func(t *testing.T) {
				t.Helper()
				server := commandtest.NewAPI(t)
				commandtest.Kubeconfig(t, server.URL)
				server.Handle(commandtest.ReviewPath, commandtest.Stall)
			}, append(file[:2:2], "--request-timeout", "100ms"), []string{"did not answer within 100ms", "--request-timeout"},
		},
		"the credentials are not accepted": {
			func(t *testing.T) {
				t.Helper()
				refusing(t, http.StatusUnauthorized, metav1.StatusReasonUnauthorized, "who are you?")
			}, file, []string{"does not accept your credentials", "kubectl auth whoami"},
		},
		"reviews are forbidden": {
			func(t *testing.T) {
				t.Helper()
				refusing(t, http.StatusForbidden, metav1.StatusReasonForbidden, `User "jane" cannot create resource "placementreviews"`)
			}, file, []string{
				"you may not create placementreviews.placement.mullion.dev in namespace shop",
				`User "jane" cannot create`,
				"kubectl create role mullion-create-placementreviews --verb=create --resource=placementreviews.placement.mullion.dev --namespace=shop",
				"kubectl create rolebinding mullion-create-placementreviews --role=mullion-create-placementreviews --user=<user> --namespace=shop",
			},
		},
		"reading the object is forbidden": {
			func(t *testing.T) {
				t.Helper()
				api(t).Handle("GET /apis/apps/v1/namespaces/shop/deployments/web", func(w http.ResponseWriter, _ *http.Request) {
					commandtest.Write(w, http.StatusForbidden, &metav1.Status{
						TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure,
						Code: http.StatusForbidden, Reason: metav1.StatusReasonForbidden, Message: "jane may not",
						Details: &metav1.StatusDetails{Group: "apps", Kind: "deployments", Name: "web"},
					})
				})
			}, []string{"deploy/web"}, []string{"you may not get deployments.apps in namespace shop", "--verb=get --resource=deployments.apps"},
		},
		"the API is not registered": {
			func(t *testing.T) {
				t.Helper()
				server := commandtest.NewAPI(t)
				commandtest.Kubeconfig(t, server.URL)
			}, file, []string{"has no policy server that answers", "kubectl get apiservice v1alpha1.placement.mullion.dev"},
		},
		"the server behind the API is not available": {
			func(t *testing.T) {
				t.Helper()
				server := commandtest.NewAPI(t)
				commandtest.Kubeconfig(t, server.URL)
				server.Handle(commandtest.ReviewPath, func(w http.ResponseWriter, _ *http.Request) {
					http.Error(w, "service unavailable", http.StatusServiceUnavailable)
				})
			}, file, []string{"has no policy server that answers", "kubectl get apiservice v1alpha1.placement.mullion.dev"},
		},
		"the server is too busy for long": {
			func(t *testing.T) {
				t.Helper()
				refusing(t, http.StatusTooManyRequests, metav1.StatusReasonTooManyRequests, "too much to do")
			}, file, []string{"has too much to do", "try again later"},
		},
		"the server can make no sense of the object": {
			func(t *testing.T) {
				t.Helper()
				refusing(t, http.StatusUnprocessableEntity, metav1.StatusReasonInvalid, "spec.object: it is odd")
			}, file, []string{"testdata/allowed.yaml:1: Deployment shop/web: ", "it is odd"},
		},
		"the type is not known": {
			func(t *testing.T) { t.Helper(); api(t) }, []string{"deplyo/web"}, []string{`doesn't have a resource type "deplyo"`},
		},
		"the object is not there": {
			func(t *testing.T) {
				t.Helper()
				server := api(t)
				server.Serve("/api/v1/namespaces/shop", &corev1.Namespace{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"}})
				server.Handle("GET /apis/apps/v1/namespaces/shop/deployments/web", func(w http.ResponseWriter, _ *http.Request) {
					commandtest.Refuse(w, http.StatusNotFound, metav1.StatusReasonNotFound, `deployments.apps "web" not found`)
				})
			}, []string{"deploy/web"}, []string{`deployments.apps "web" not found`},
		},
		"a file in another namespace than the one that is meant": {
			func(t *testing.T) { t.Helper(); api(t) }, append(file[:2:2], "-n", "bank"), []string{"testdata/allowed.yaml:5: Deployment shop/web is not in the namespace bank"},
		},
		"no objects at all": {
			func(t *testing.T) { t.Helper(); api(t) }, []string{"-f", "-"}, []string{"there are no objects in the files"},
		},
		"an unknown format": {
			func(t *testing.T) { t.Helper(); api(t) }, append(file[:2:2], "-o", "xml"), []string{`unknown output format "xml"; there are: table, wide, json`},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			c.given(t)
			got := run(t, "", c.args...)
			if got.code != exit.Failure {
				t.Fatalf("exit code %d: %v", got.code, got.err)
			}
			for _, want := range c.want {
				if !strings.Contains(got.err.Error(), want) {
					t.Errorf("%q, want %q", got.err, want)
				}
			}
		})
	}
}

func TestAClusterWithoutPoliciesIsSaidToHaveNone(t *testing.T) {
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.Answer(judge)
	server.Serve("/apis/mullion.dev/v1alpha1/windowsbuildpolicies", &metav1.PartialObjectMetadataList{
		TypeMeta: metav1.TypeMeta{APIVersion: "meta.k8s.io/v1", Kind: "PartialObjectMetadataList"},
	})
	got := run(t, "", "-n", "lobby", "-f", "testdata/tree")
	if want := "Note:     The cluster has no WindowsBuildPolicy"; got.code != exit.OK || !strings.Contains(got.out, want) {
		t.Errorf("exit code %d: %v, %q", got.code, got.err, got.out)
	}
}

func TestTheSameIsSaidOfManyObjectsOnce(t *testing.T) {
	refusing(t, http.StatusForbidden, metav1.StatusReasonForbidden, "jane may not")
	got := run(t, "", "-f", "testdata/several.yaml")
	if n := strings.Count(got.err.Error(), "you may not create"); n != 1 {
		t.Errorf("it is said %d times: %v", n, got.err)
	}
}
