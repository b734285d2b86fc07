package placement_test

import (
	"strings"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

// right is something that a service account may do or not.
type right struct{ verb, group, resource, namespace, name string }

func TestTheProgramsMayDoWhatTheyNeedAndNothingDangerous(t *testing.T) {
	const (
		system       = install.Namespace
		registration = "admissionregistration.k8s.io"
	)
	needed := map[string][]right{
		"mullion-webhook": {
			{"list", "", "nodes", "", ""}, {"get", "", "secrets", "default", "a-pull-secret"},
			{"update", "", "secrets", system, "mullion-webhook-ca"},
		},
		"mullion-nodemanager": {
			{"patch", registration, "mutatingwebhookconfigurations", "", "00-mullion"},
			{"create", "node.k8s.io", "runtimeclasses", "", ""}, {"list", "", "pods", "", ""},
			{"get", "", "secrets", "default", "a-pull-secret"},
		},
	}
	dangerous := []right{
		{"list", "", "secrets", "", ""}, {"watch", "", "secrets", "", ""}, {"list", "", "secrets", system, ""},
		{"update", "", "secrets", "default", "another"}, {"delete", "", "secrets", system, "mullion-webhook-ca"},
		{"delete", "", "nodes", "", ""}, {"update", "", "nodes", "", ""}, {"patch", "", "nodes", "", ""},
		{"create", "", "pods", "", ""}, {"delete", "", "pods", "", ""}, {"create", "", "pods/exec", "", ""},
		{"update", registration, "mutatingwebhookconfigurations", "", "another"},
		{"patch", registration, "validatingwebhookconfigurations", "", "another"},
		{"create", registration, "validatingwebhookconfigurations", "", ""},
		{"delete", registration, "mutatingwebhookconfigurations", "", "00-mullion"},
		{"update", "mullion.dev", "windowsbuildpolicies", "", ""}, {"delete", "mullion.dev", "windowsbuildpolicies", "", ""},
		{"create", "rbac.authorization.k8s.io", "clusterrolebindings", "", ""},
		{"impersonate", "", "users", "", ""}, {"create", "", "serviceaccounts/token", "", ""},
	}
	for account, rights := range needed {
		t.Run(account, func(t *testing.T) {
			identity, err := shared.Cluster.ServiceAccount(t.Context(), system, account)
			if err != nil {
				t.Fatal(err)
			}
			client, err := kubernetes.NewForConfig(identity.RESTConfig())
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range rights {
				if !may(t, client, r) {
					t.Errorf("may not %+v", r)
				}
			}
			for _, r := range dangerous {
				if may(t, client, r) {
					t.Errorf("may %+v", r)
				}
			}
		})
	}
}

// may asks the API server whether the client may do something.
func may(t *testing.T, client kubernetes.Interface, r right) bool {
	t.Helper()
	resource, subresource, _ := strings.Cut(r.resource, "/")
	review := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: r.verb, Group: r.group, Resource: resource, Subresource: subresource, Namespace: r.namespace, Name: r.name,
		},
	}}
	answer, err := client.AuthorizationV1().SelfSubjectAccessReviews().Create(t.Context(), review, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}

// expectCleanLogs is what remains to be seen when all tests have run: what the programs were up to was never
// forbidden to them, and no secret of a test is in their logs.
func expectCleanLogs() error {
	for _, program := range shared.Mullion.Programs() {
		for _, text := range []string{"forbidden", framework.PrivatePassword, "not-the-password", "panic"} {
			lines, err := framework.LogLines(program, text)
			if err != nil {
				return err
			}
			if len(lines) > 0 {
				return &unclean{program.Name(), text, lines}
			}
		}
	}
	return nil
}

// unclean is the error about a log that has what it should not have.
type unclean struct {
	program, text string
	lines         []string
}

func (u *unclean) Error() string {
	return "the log of " + u.program + " has " + u.text + ":\n" + strings.Join(u.lines, "\n")
}
