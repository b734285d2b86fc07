package manifests_test

import (
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/policy/validating"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/cel/environment"

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

// The oldest release that we support may know less of the language than the one that the other tests run.
func TestTheOldestAPIServerUnderstandsTheProtectionOfNodes(t *testing.T) {
	objects, err := manifests.Build(defaultOverlay)
	if err != nil {
		t.Fatal(err)
	}
	var policy admissionregistrationv1.ValidatingAdmissionPolicy
	decode(t, objects, "ValidatingAdmissionPolicy", "mullion-node-protection", &policy)
	compiler, err := cel.NewCompositedCompiler(environment.MustBaseEnvSet(version.MajorMinor(1, 33)))
	if err != nil {
		t.Fatal(err)
	}
	withAuthorizer := cel.OptionalVariableDeclarations{HasAuthorizer: true}
	for i := range policy.Spec.Variables {
		v := &policy.Spec.Variables[i]
		compiled := compiler.CompileAndStoreVariable(&validating.Variable{Name: v.Name, Expression: v.Expression}, withAuthorizer, environment.NewExpressions)
		if compiled.Error != nil {
			t.Errorf("variable %s: %v", v.Name, compiled.Error)
		}
	}
	var expressions, messages []cel.ExpressionAccessor
	for _, condition := range policy.Spec.MatchConditions {
		expressions = append(expressions, &matchconditions.MatchCondition{Name: condition.Name, Expression: condition.Expression})
	}
	for _, validation := range policy.Spec.Validations {
		expressions = append(expressions, &validating.ValidationCondition{Expression: validation.Expression})
		messages = append(messages, &validating.MessageExpressionCondition{MessageExpression: validation.MessageExpression})
	}
	faults := compiler.CompileCondition(expressions, withAuthorizer, environment.NewExpressions).CompilationErrors()
	// Messages do without the authorizer, so that they cannot ask it.
	faults = append(faults, compiler.CompileCondition(messages, cel.OptionalVariableDeclarations{}, environment.NewExpressions).CompilationErrors()...)
	for _, fault := range faults {
		t.Error(fault)
	}
}
