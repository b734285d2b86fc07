package protection_test

import (
	"context"
	"errors"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

// meet makes those who try. Their rights are as they would be: an administrator may do everything, an operator may change
// nodes, a developer may edit what is in namespaces, a kubelet is who its certificate says, and the controllers of
// Kubernetes have the roles that come with it.
func meet(ctx context.Context) error {
	cloud := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "cloud-node-manager"}}
	if _, err := shared.root.CoreV1().ServiceAccounts(cloud.Namespace).Create(ctx, cloud, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("making a service account: %w", err)
	}
	err := errors.Join(
		bind(ctx, "cluster-admin", subject("administrator")),
		bind(ctx, "edit", subject("developer")),
		bind(ctx, "mullion-break-glass", subject("on call")),
		mayChangeNodes(ctx, subject("operator"), subject("on call"),
			rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: cloud.Namespace, Name: cloud.Name},
			rbacv1.Subject{Kind: rbacv1.ServiceAccountKind, Namespace: "mullion-system", Name: "mullion-nodemanager"}))
	if err != nil {
		return err
	}
	shared.people = map[string]kubernetes.Interface{"root": shared.root}
	for _, name := range []string{"administrator", "operator", "on call", "developer"} {
		if shared.people[name], err = user(name); err != nil {
			return err
		}
	}
	for name, node := range map[string]string{"the kubelet": ours, "another kubelet": theirs} {
		if shared.people[name], err = user("system:node:"+node, "system:nodes"); err != nil {
			return err
		}
	}
	for name, account := range map[string][2]string{
		"node manager":    {"mullion-system", "mullion-nodemanager"},
		"node controller": {"kube-system", "node-controller"},
		"cloud":           {cloud.Namespace, cloud.Name},
	} {
		if shared.people[name], err = serviceAccount(ctx, account[0], account[1]); err != nil {
			return err
		}
	}
	return nil
}

func subject(user string) rbacv1.Subject {
	return rbacv1.Subject{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}
}

// mayChangeNodes lets subjects do to nodes what RBAC can permit.
func mayChangeNodes(ctx context.Context, subjects ...rbacv1.Subject) error {
	role := &rbacv1.ClusterRole{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "change-nodes-"},
		Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"nodes", "nodes/status"}, Verbs: []string{"get", "update", "patch"}}},
	}
	role, err := shared.root.RbacV1().ClusterRoles().Create(ctx, role, metav1.CreateOptions{})
	if err != nil {
		return fmt.Errorf("making a role: %w", err)
	}
	return bind(ctx, role.Name, subjects...)
}

func bind(ctx context.Context, role string, subjects ...rbacv1.Subject) error {
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "test-"},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects:   subjects,
	}
	if _, err := shared.root.RbacV1().ClusterRoleBindings().Create(ctx, binding, metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("binding role %s: %w", role, err)
	}
	return nil
}
