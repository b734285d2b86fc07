package localcluster_test

import (
	"context"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

func TestAServiceAccountMayDoWhatRBACGrantsAndNothingElse(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	admin := adminClient(t, shared)
	namespace := newNamespace(ctx, t, admin)
	objects := []func() error{
		func() error {
			_, err := admin.CoreV1().ServiceAccounts(namespace).Create(ctx,
				&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "reader"}}, metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := admin.RbacV1().Roles(namespace).Create(ctx, &rbacv1.Role{
				ObjectMeta: metav1.ObjectMeta{Name: "reader"},
				Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"configmaps"}, Verbs: []string{"list"}}},
			}, metav1.CreateOptions{})
			return err
		},
		func() error {
			_, err := admin.RbacV1().RoleBindings(namespace).Create(ctx, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Name: "reader"},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
				Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Name: "reader", Namespace: namespace}},
			}, metav1.CreateOptions{})
			return err
		},
	}
	for _, create := range objects {
		if err := create(); err != nil {
			t.Fatal(err)
		}
	}

	reader, err := shared.ServiceAccount(ctx, namespace, "reader")
	if err != nil {
		t.Fatal(err)
	}
	client, err := kubernetes.NewForConfig(reader.RESTConfig())
	if err != nil {
		t.Fatal(err)
	}
	eventually(ctx, t, "the API server has heard of the binding", func(ctx context.Context) (bool, error) {
		_, err := client.CoreV1().ConfigMaps(namespace).List(ctx, metav1.ListOptions{})
		if apierrors.IsForbidden(err) {
			return false, nil
		}
		return err == nil, err
	})
	if _, err := client.CoreV1().Secrets(namespace).List(ctx, metav1.ListOptions{}); !apierrors.IsForbidden(err) {
		t.Errorf("listing secrets: %v, want forbidden", err)
	}
	who, err := reader.Kubectl(ctx, nil, "auth", "whoami", "-o", "jsonpath={.status.userInfo.username}")
	if err != nil {
		t.Fatal(err)
	}
	if want := "system:serviceaccount:" + namespace + ":reader"; who != want {
		t.Errorf("its kubeconfig belongs to %q, want %q", who, want)
	}
}

func TestATokenIsNotGivenForAServiceAccountThatDoesNotExist(t *testing.T) {
	t.Parallel()
	if _, err := shared.ServiceAccount(testContext(t), "default", "absent"); !apierrors.IsNotFound(err) {
		t.Errorf("got %v, want not found", err)
	}
}

func TestAUserBelongsToItsGroupsAndMayDoNothing(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	user, err := shared.User("developer", "team-a", "team-b")
	if err != nil {
		t.Fatal(err)
	}
	who, err := user.Kubectl(ctx, nil, "auth", "whoami", "-o", "jsonpath={.status.userInfo.groups}")
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"team-a", "team-b", "system:authenticated"} {
		if !strings.Contains(who, group) {
			t.Errorf("groups are %s, want %s among them", who, group)
		}
	}
	if _, err := user.Kubectl(ctx, nil, "get", "pods"); err == nil || !strings.Contains(err.Error(), "cannot list") {
		t.Errorf("listing pods: %v, want a refusal in kubectl's words", err)
	}
}

func TestKubectlReadsStandardInputAndKustomizeFolders(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	namespace := newNamespace(ctx, t, adminClient(t, shared))
	manifest := "{apiVersion: v1, kind: ConfigMap, metadata: {name: piped}}"
	out, err := shared.Kubectl(ctx, strings.NewReader(manifest), "apply", "-n", namespace, "-f", "-")
	if err != nil {
		t.Fatal(err)
	}
	if want := "configmap/piped created\n"; out != want {
		t.Errorf("kubectl printed %q, want %q", out, want)
	}
	if err := shared.Apply(ctx, "testdata/kustomize"); err != nil {
		t.Fatal(err)
	}
	if _, err := adminClient(t, shared).CoreV1().ConfigMaps("default").Get(ctx, "prefixed-kustomized", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}
