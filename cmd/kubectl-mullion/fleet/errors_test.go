package fleet

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/exit"
	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/internal/commandtest"
)

// without is a cluster that answers requests for a path otherwise.
func without(t *testing.T, path string, answer http.HandlerFunc) {
	t.Helper()
	whole := shop().serve(t)
	server := commandtest.NewAPI(t)
	commandtest.Kubeconfig(t, server.URL)
	server.Handle("/", whole.Config.Handler.ServeHTTP)
	server.Handle("GET "+path, answer)
}

func forbid(w http.ResponseWriter, _ *http.Request) {
	commandtest.Refuse(w, http.StatusForbidden, metav1.StatusReasonForbidden, `User "jane" may not`)
}

func TestErrorsSayWhatToDoAboutThem(t *testing.T) {
	for sentence, c := range map[string]struct {
		path   string
		answer http.HandlerFunc
		args   []string
		want   []string
	}{
		"nodes are forbidden": {
			"/api/v1/nodes", forbid, nil,
			[]string{"reading nodes: you may not list nodes: ", `User "jane"`, "kubectl create clusterrole mullion-list-nodes --verb=list --resource=nodes", "--user=<user>"},
		},
		"pods of the namespace are forbidden": {
			"/api/v1/namespaces/shop/pods", forbid, []string{"-n", "shop"},
			[]string{"you may not list pods in namespace shop", "kubectl create role mullion-list-pods --verb=list --resource=pods --namespace=shop"},
		},
		"policies are forbidden": {
			"/apis/mullion.dev/v1alpha1/windowsbuildpolicies", forbid, nil,
			[]string{"reading policies: you may not list windowsbuildpolicies.mullion.dev"},
		},
		"a controller is forbidden": {
			"/apis/apps/v1/namespaces/shop/replicasets/web-1", forbid, nil,
			[]string{"you may not get replicasets.apps in namespace shop"},
		},
		"nobody answers in time": {
			"/api/v1/nodes", commandtest.Stall, []string{"--request-timeout", "100ms"},
			[]string{"did not answer within 100ms"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			without(t, c.path, c.answer)
			got := run(t.Context(), c.args...)
			if got.code != exit.Failure || got.out != "" {
				t.Fatalf("exit code %d: %v, %q", got.code, got.err, got.out)
			}
			for _, want := range c.want {
				if !strings.Contains(got.err.Error(), want) {
					t.Errorf("%q, want %q", got.err, want)
				}
			}
		})
	}
}

func TestAClusterWithoutMullionIsShownAllTheSame(t *testing.T) {
	without(t, "/apis/mullion.dev/v1alpha1/windowsbuildpolicies", http.NotFound)
	got := run(t.Context())
	if want := "Mullion is not installed"; got.code != exit.OK || !strings.Contains(got.out, want) || !strings.Contains(got.out, ws2019) {
		t.Errorf("exit code %d: %v\n%s", got.code, got.err, got.out)
	}
}

func TestAPolicyThatDoesNotCompileIsNoted(t *testing.T) {
	s := shop()
	s.addPolicy("broken", "ltsc2022")
	s.serve(t)
	got := run(t.Context())
	if want := "Policy broken is not in force"; got.code != exit.OK || !strings.Contains(got.out, want) {
		t.Errorf("exit code %d: %v\n%s", got.code, got.err, got.out)
	}
}
