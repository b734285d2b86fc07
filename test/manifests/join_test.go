package manifests_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/mullion-dev/mullion/pkg/joincredentials"
	"github.com/mullion-dev/mullion/test/manifests"
)

// hostsOverlay looks after hosts.
const hostsOverlay = "manifests/overlays/hosts"

// rolesOf are the cluster roles that are bound to a group.
func rolesOf(t *testing.T, objects manifests.Objects, group string) []string {
	t.Helper()
	var roles []string
	for _, object := range objects {
		if object.GetKind() != "ClusterRoleBinding" {
			continue
		}
		var binding rbacv1.ClusterRoleBinding
		decode(t, objects, "ClusterRoleBinding", object.GetName(), &binding)
		if slices.ContainsFunc(binding.Subjects, func(s rbacv1.Subject) bool { return s.Kind == rbacv1.GroupKind && s.Name == group }) {
			roles = append(roles, binding.RoleRef.Name)
		}
	}
	return roles
}

func TestAHostThatJoinsMayAskForCertificatesAndNothingElse(t *testing.T) {
	objects, err := manifests.Build(hostsOverlay)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"mullion-join"}, rolesOf(t, objects, joincredentials.Group)); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
	var role rbacv1.ClusterRole
	decode(t, objects, "ClusterRole", "mullion-join", &role)
	want := []rbacv1.PolicyRule{{
		APIGroups: []string{"certificates.k8s.io"}, Resources: []string{"certificatesigningrequests"},
		Verbs: []string{"create", "get", "list", "watch"},
	}}
	if diff := cmp.Diff(want, role.Rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}
	// Every bootstrap token is in this group, whoever has made it.
	if roles := rolesOf(t, objects, "system:bootstrappers"); roles != nil {
		t.Errorf("other people's tokens may use %v", roles)
	}
}

func TestKubeProxyMayDoItsWorkWithTheKubeletsIdentity(t *testing.T) {
	objects, err := manifests.Build(hostsOverlay)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"system:node-proxier"}, rolesOf(t, objects, "system:nodes")); diff != "" {
		t.Errorf("roles (-want +got):\n%s", diff)
	}
}

func TestWhoLooksAfterNoHostsGivesNobodyAnythingToJoinWith(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{joincredentials.Group, "system:nodes"} {
		if roles := rolesOf(t, objects, group); roles != nil {
			t.Errorf("%s may use %v", group, roles)
		}
	}
}
