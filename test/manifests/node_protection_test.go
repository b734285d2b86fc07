package manifests_test

import (
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"

	"github.com/mullion-dev/mullion/test/manifests"
)

func TestNodesAreProtectedFromEverybodyButTheNodeManagerWhereverItIs(t *testing.T) {
	for folder, namespace := range map[string]string{
		"manifests/overlays/default":              "mullion-system",
		"manifests/overlays/cert-manager":         "mullion-system",
		"manifests/overlays/aggregated-admission": "mullion-system",
		"manifests/overlays/development":          "mullion-system",
		"test/manifests/testdata/elsewhere":       "windows",
	} {
		objects, err := manifests.Build(folder)
		if err != nil {
			t.Fatal(err)
		}
		var policy admissionregistrationv1.ValidatingAdmissionPolicy
		var binding admissionregistrationv1.ValidatingAdmissionPolicyBinding
		decode(t, objects, "ValidatingAdmissionPolicy", "mullion-node-protection", &policy)
		decode(t, objects, "ValidatingAdmissionPolicyBinding", policy.Name, &binding)
		if binding.Spec.PolicyName != policy.Name {
			t.Errorf("%s: the binding is for %s", folder, binding.Spec.PolicyName)
		}
		want := "request.userInfo.username != 'system:serviceaccount:" + namespace + ":mullion-nodemanager'"
		if got := policy.Spec.MatchConditions[0].Expression; got != want {
			t.Errorf("%s: %s, want %s", folder, got, want)
		}
	}
}
