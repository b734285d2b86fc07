package placement_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/install"
	"github.com/mullion-dev/mullion/test/integration/framework"
	"github.com/mullion-dev/mullion/test/process"
)

// A webhook that may not read policies and nodes yet stands for one that has not read them yet.
func TestAWebhookIsNotReadyBeforeItKnowsPoliciesAndNodes(t *testing.T) {
	scene := shared.NewScene(t)
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "blind-webhook"}}
	accounts := shared.Kube.CoreV1().ServiceAccounts(install.Namespace)
	if _, err := accounts.Create(t.Context(), account, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { expectDeleted(t, accounts.Delete(context.Background(), account.Name, metav1.DeleteOptions{})) })
	bindRole(t, account.Name, "mullion-webhook-authority")
	bindClusterRole(t, account.Name, "mullion-webhook-authority")

	webhook := startWebhook(t, account.Name)
	scene.Eventually("it has a certificate", func(ctx context.Context) (bool, error) {
		err := webhook(ctx)
		if err == nil {
			t.Fatal("it is ready without knowing policies and nodes")
		}
		return strings.Contains(err.Error(), "[+]certificate ok") && strings.Contains(err.Error(), "[-]cluster"), err
	})
	bindClusterRole(t, account.Name, "mullion-webhook")
	scene.Eventually("it is ready once it may read them", func(ctx context.Context) (bool, error) {
		err := webhook(ctx)
		return err == nil, err
	})
}

// startWebhook starts a webhook under a service account, and returns what asks whether it is ready.
func startWebhook(t *testing.T, account string) (ready func(context.Context) error) {
	t.Helper()
	identity, err := shared.Cluster.ServiceAccount(t.Context(), install.Namespace, account)
	if err != nil {
		t.Fatal(err)
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := install.Build(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--kubeconfig=" + identity.Kubeconfig(), "--namespace=" + install.Namespace, "--metrics-bind-address=0"}
	var health *process.Port
	for _, flag := range []string{"--webhook-bind-address=", "--health-probe-bind-address="} {
		if health, err = process.ReservePort(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(health.Release)
		args = append(args, flag+health.Address())
	}
	group := process.NewGroup()
	t.Cleanup(group.Close)
	webhook := group.New(process.Command{Path: programs.Webhook, Args: args, Log: filepath.Join(t.TempDir(), "webhook.log")})
	if err := webhook.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(webhook.Kill)
	return func(ctx context.Context) error { return framework.Ready(ctx, "http://"+health.Address()) }
}

func subjects(account string) []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: install.Namespace, Name: account}}
}

func bindRole(t *testing.T, account, role string) {
	t.Helper()
	binding := &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: account + "-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: role},
		Subjects:   subjects(account),
	}
	bindings := shared.Kube.RbacV1().RoleBindings(install.Namespace)
	if _, err := bindings.Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { expectDeleted(t, bindings.Delete(context.Background(), binding.Name, metav1.DeleteOptions{})) })
}

func bindClusterRole(t *testing.T, account, role string) {
	t.Helper()
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: account + "-" + role},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   subjects(account),
	}
	bindings := shared.Kube.RbacV1().ClusterRoleBindings()
	if _, err := bindings.Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { expectDeleted(t, bindings.Delete(context.Background(), binding.Name, metav1.DeleteOptions{})) })
}

func expectDeleted(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
