package manifests_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	rbacv1 "k8s.io/api/rbac/v1"

	"github.com/mullion-dev/mullion/test/manifests"
)

// rights are all that an identity may do, one line for each rule: scope, verbs, resources, names.
func rights(t *testing.T, objects manifests.Objects, serviceAccount string) []string {
	t.Helper()
	var all []string
	// Roles that Kubernetes itself brings are not in the manifests.
	builtIn := func(scope string, ref rbacv1.RoleRef) bool {
		known := slices.Contains([]string{"system:auth-delegator", "extension-apiserver-authentication-reader"}, ref.Name)
		if known {
			all = append(all, scope+": all of "+ref.Name)
		}
		return known
	}
	add := func(scope string, rules []rbacv1.PolicyRule) {
		for _, r := range rules {
			line := fmt.Sprintf("%s: %s %s", scope, strings.Join(r.Verbs, ","), strings.Join(r.Resources, ","))
			if len(r.ResourceNames) > 0 {
				line += " named " + strings.Join(r.ResourceNames, ",")
			}
			all = append(all, line)
		}
	}
	for _, object := range objects {
		switch object.GetKind() {
		case "ClusterRoleBinding":
			var binding rbacv1.ClusterRoleBinding
			var role rbacv1.ClusterRole
			decode(t, objects, "ClusterRoleBinding", object.GetName(), &binding)
			if binds(binding.Subjects, serviceAccount) && !builtIn("cluster", binding.RoleRef) {
				decode(t, objects, "ClusterRole", binding.RoleRef.Name, &role)
				add("cluster", role.Rules)
			}
		case "RoleBinding":
			var binding rbacv1.RoleBinding
			var role rbacv1.Role
			decode(t, objects, "RoleBinding", object.GetName(), &binding)
			if binds(binding.Subjects, serviceAccount) && !builtIn(binding.Namespace, binding.RoleRef) {
				decode(t, objects, "Role", binding.RoleRef.Name, &role)
				add(role.Namespace, role.Rules)
			}
		}
	}
	slices.Sort(all)
	return all
}

func decode(t *testing.T, objects manifests.Objects, kind, name string, into any) {
	t.Helper()
	if err := objects.Decode(kind, name, into); err != nil {
		t.Fatal(err)
	}
}

func binds(subjects []rbacv1.Subject, serviceAccount string) bool {
	return slices.ContainsFunc(subjects, func(s rbacv1.Subject) bool {
		return s.Kind == rbacv1.ServiceAccountKind && s.Namespace == "mullion-system" && s.Name == serviceAccount
	})
}

// The list is the review: a right that is added has to be added here too.
func TestTheWebhookMayReadAndKeepItsOwnSecret(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"cluster: all of system:auth-delegator",
		"cluster: get apiservices named v1alpha1.placement.mullion.dev",
		"cluster: get mutatingwebhookconfigurations named 00-mullion",
		"cluster: get secrets",
		"cluster: get serviceaccounts",
		"cluster: get validatingwebhookconfigurations named mullion",
		"cluster: get,list,watch namespaces",
		"cluster: get,list,watch nodes",
		"cluster: get,list,watch runtimeclasses",
		"cluster: get,list,watch windowsbuildpolicies",
		"kube-system: all of extension-apiserver-authentication-reader",
		"mullion-system: create secrets",
		"mullion-system: get,update secrets named mullion-webhook-ca",
	}
	if diff := cmp.Diff(want, rights(t, objects, "mullion-webhook")); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
}

func TestTheNodeManagerMayKeepRuntimeClassesStatusAndCABundles(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"cluster: create,patch events",
		"cluster: get secrets",
		"cluster: get serviceaccounts",
		"cluster: get,list jobs",
		"cluster: get,list replicasets,statefulsets,daemonsets",
		"cluster: get,list replicationcontrollers",
		"cluster: get,list,watch nodes",
		"cluster: get,list,watch windowsbuildpolicies",
		"cluster: get,list,watch,create,patch,delete runtimeclasses",
		"cluster: get,list,watch,patch apiservices named v1alpha1.placement.mullion.dev",
		"cluster: get,list,watch,patch mutatingwebhookconfigurations named 00-mullion",
		"cluster: get,list,watch,patch validatingwebhookconfigurations named mullion",
		"cluster: list namespaces",
		"cluster: list pods",
		"cluster: patch windowsbuildpolicies/status",
		"mullion-system: create leases",
		"mullion-system: get,list,watch secrets named mullion-webhook-ca",
		"mullion-system: get,update leases named mullion-nodemanager",
	}
	if diff := cmp.Diff(want, rights(t, objects, "mullion-nodemanager")); diff != "" {
		t.Errorf("rights (-want +got):\n%s", diff)
	}
}

func TestWithoutPullSecretsNobodysSecretsAreRead(t *testing.T) {
	objects, err := manifests.Build("test/manifests/testdata/everything")
	if err != nil {
		t.Fatal(err)
	}
	for _, account := range []string{"mullion-webhook", "mullion-nodemanager"} {
		for _, right := range rights(t, objects, account) {
			if strings.HasPrefix(right, "cluster: ") && strings.Contains(right, "secrets") {
				t.Errorf("%s may %s", account, right)
			}
		}
		var deployment appsv1.Deployment
		decode(t, objects, "Deployment", account, &deployment)
		if args := deployment.Spec.Template.Spec.Containers[0].Args; !slices.Contains(args, "--pull-secrets=false") {
			t.Errorf("%s is not told: %q", account, args)
		}
	}
}

func TestWithCertManagerTheWebhookWritesNothing(t *testing.T) {
	objects, err := manifests.Build("manifests/overlays/cert-manager")
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range rights(t, objects, "mullion-webhook") {
		for _, verb := range []string{"create", "update", "patch", "delete"} {
			if strings.Contains(right, verb) {
				t.Errorf("the webhook may %s", right)
			}
		}
	}
}

func TestNoRightIsUnlimited(t *testing.T) {
	for folder, objects := range every(t) {
		for _, account := range []string{"mullion-webhook", "mullion-nodemanager"} {
			all := rights(t, objects, account)
			if len(all) == 0 {
				t.Errorf("%s: %s may do nothing", folder, account)
			}
			for _, right := range all {
				unnamed := !strings.Contains(right, " named ")
				everySecret := unnamed && strings.Contains(right, " secrets") && (strings.Contains(right, "list") || strings.Contains(right, "watch"))
				// Hosts' bootstrap tokens are where Kubernetes wants them, and are found by a label.
				tokens := strings.HasPrefix(right, "kube-system: ") && account == "mullion-nodemanager"
				if strings.Contains(right, "*") || everySecret && !tokens {
					t.Errorf("%s: %s may %s", folder, account, right)
				}
			}
		}
	}
}
