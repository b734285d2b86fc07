package placement_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/test/integration/framework"
)

func TestAWrongPolicyIsRefusedWithAMessageThatNamesTheField(t *testing.T) {
	const good = "builds: [{build: 10.0.20348}]\n"
	for sentence, c := range map[string]struct{ spec, wants string }{
		"no builds":                       {"mode: Enforce", "spec.builds: Required value"},
		"an empty list of builds":         {"builds: []", "spec.builds: Invalid value"},
		"too many builds":                 {"builds: [" + manyBuilds(17) + "]", "spec.builds: Too many"},
		"a build with a revision":         {"builds: [{build: 10.0.20348.2700}]", "spec.builds[0].build: Invalid value"},
		"a build by its name":             {"builds: [{build: ltsc2022}]", "spec.builds[0].build: Invalid value"},
		"a build without a name":          {"builds: [{state: Active}]", "spec.builds[0].build: Required value"},
		"the same build twice":            {"builds: [{build: 10.0.20348}, {build: 10.0.20348}]", "spec.builds[1]: Duplicate value"},
		"an unknown mode":                 {good + "mode: Strict", "spec.mode: Unsupported value"},
		"an unknown state":                {"builds: [{build: 10.0.20348, state: Old}]", "spec.builds[0].state: Unsupported value"},
		"an unknown isolation":            {"builds: [{build: 10.0.20348, isolation: VM}]", "spec.builds[0].isolation: Unsupported value"},
		"a RuntimeClass that is no name":  {"builds: [{build: 10.0.20348, runtimeClass: {name: Windows_2022}}]", "spec.builds[0].runtimeClass.name: Invalid value"},
		"a handler that is no name":       {"builds: [{build: 10.0.20348, runtimeClass: {handler: run/hcs}}]", "spec.builds[0].runtimeClass.handler: Invalid value"},
		"one RuntimeClass for two builds": {"builds: [{build: 10.0.20348, runtimeClass: {name: w}}, {build: 10.0.26100, runtimeClass: {name: w}}]", "spec.builds: Invalid value"},
		"an operator that does not exist": {good + "namespaceSelector: {matchExpressions: [{key: a, operator: Is, values: [b]}]}", "spec.namespaceSelector: Invalid value"},
		"In without values":               {good + "objectSelector: {matchExpressions: [{key: a, operator: In}]}", "spec.objectSelector: Invalid value"},
		"Exists with values":              {good + "objectSelector: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}", "spec.objectSelector: Invalid value"},
		"explicit tolerations, but none":  {good + "tolerations: {source: Explicit}", "spec.tolerations.items: Required value"},
		"a source that does not exist":    {good + "tolerations: {source: Pods}", "spec.tolerations.source: Unsupported value"},
		"oldest newer than newest":        {good + "compatibility: [{hostBuild: 10.0.26100, minImageBuild: 10.0.26100, maxImageBuild: 10.0.20348}]", "spec.compatibility[0].minImageBuild: Invalid value"},
		"a host listed twice":             {good + "compatibility: [" + hostRule + ", " + hostRule + "]", "spec.compatibility[1]: Duplicate value"},
		"a host that is no build":         {good + "compatibility: [{hostBuild: '2025', minImageBuild: 10.0.20348, maxImageBuild: 10.0.26100}]", "spec.compatibility[0].hostBuild: Invalid value"},
		"an unknown thing to do":          {good + "images: {whenUnresolved: Ignore}", "spec.images.whenUnresolved: Unsupported value"},
		"an exemption of nothing":         {good + "images: {exempt: ['']}", "spec.images.exempt[0]: Invalid value"},
		"a registry listed twice":         {good + "images: {registries: [a.example.com, a.example.com]}", "spec.images.registries[1]: Duplicate value"},
		"an unknown inference":            {good + "inference: {windowsPods: Guess}", "spec.inference.windowsPods: Unsupported value"},
		"an unknown DaemonSet action":     {good + "daemonSets: {templates: Change}", "spec.daemonSets.templates: Unsupported value"},
		"a priority in words":             {good + "priority: high", "spec.priority: Invalid value"},
		"a field that does not exist":     {good + "buildz: []", `unknown field "spec.buildz"`},
	} {
		t.Run(sentence, func(t *testing.T) {
			err := shared.Client.Create(t.Context(), policyFrom(t, c.spec), client.DryRunAll, client.FieldValidation(metav1.FieldValidationStrict))
			if !apierrors.IsInvalid(err) && !apierrors.IsBadRequest(err) {
				t.Fatalf("got %v: want the policy to be refused as invalid", err)
			}
			if !strings.Contains(err.Error(), c.wants) {
				t.Errorf("the message lacks %q: %v", c.wants, err)
			}
		})
	}
}

const hostRule = "{hostBuild: 10.0.26100, minImageBuild: 10.0.20348, maxImageBuild: 10.0.26100}"

func manyBuilds(n int) string {
	builds := make([]string, n)
	for i := range builds {
		builds[i] = fmt.Sprintf("{build: 10.0.%d}", 20000+i)
	}
	return strings.Join(builds, ", ")
}

// policyFrom makes a policy of a specification in YAML, which may say what the Go types cannot.
func policyFrom(t *testing.T, spec string) *unstructured.Unstructured {
	t.Helper()
	var content map[string]any
	if err := yaml.Unmarshal([]byte(spec), &content); err != nil {
		t.Fatal(err)
	}
	policy := &unstructured.Unstructured{Object: map[string]any{"spec": content}}
	policy.SetGroupVersionKind(v1alpha1.SchemeGroupVersion.WithKind("WindowsBuildPolicy"))
	policy.SetName("wrong")
	return policy
}

func TestWhatAPolicyDoesNotSayIsFilledIn(t *testing.T) {
	policy := policyFrom(t, `
builds: [{build: 10.0.20348}]
images: {}
tolerations: {}
inference: {}
daemonSets: {}
`)
	if err := shared.Client.Create(t.Context(), policy, client.DryRunAll); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"mode":            "Enforce",
		"priority":        int64(0),
		"whenNoReadyNode": "Admit",
		"builds":          []any{map[string]any{"build": ws2022, "state": "Active", "isolation": "Process"}},
		"images":          map[string]any{"whenUnresolved": "Admit", "whenVersionUnknown": "Allow", "floatingReferences": "Allow"},
		"tolerations":     map[string]any{"source": "Nodes"},
		"inference":       map[string]any{"windowsPods": "Ignore", "linuxPods": "Ignore"},
		"daemonSets":      map[string]any{"templates": "Warn"},
	}
	if diff := cmp.Diff(want, policy.Object["spec"]); diff != "" {
		t.Errorf("specification (-want +got):\n%s", diff)
	}
}

func TestKubectlShowsWhatMattersOfAPolicyByItsShortName(t *testing.T) {
	scene := shared.NewScene(t)
	spec := framework.Offering(ws2025, ws2022)
	spec.Mode, spec.Priority = v1alpha1.ModeWarn, 7
	policy := scene.GivenPolicy(spec)
	scene.ExpectCondition(policy.Name, v1alpha1.ConditionReady, metav1.ConditionTrue, v1alpha1.ReasonInForce)
	table, err := shared.Cluster.Kubectl(t.Context(), nil, "get", "wbp", policy.Name)
	if err != nil {
		t.Fatal(err)
	}
	heading, row, _ := strings.Cut(table, "\n")
	if got, want := strings.Fields(heading), []string{"NAME", "MODE", "PRIORITY", "BUILDS", "READY", "AGE"}; !cmp.Equal(got, want) {
		t.Errorf("columns %v: want %v", got, want)
	}
	framework.ExpectText(scene, row, "Warn", "7", ws2025+" (1/1), "+ws2022+" (1/1)", "True")
}
