package manifests_test

import (
	"slices"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/version"
	"k8s.io/apiserver/pkg/admission"
	"k8s.io/apiserver/pkg/admission/plugin/cel"
	"k8s.io/apiserver/pkg/admission/plugin/webhook"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/matchconditions"
	"k8s.io/apiserver/pkg/admission/plugin/webhook/predicates/rules"
	"k8s.io/apiserver/pkg/cel/environment"
	"k8s.io/client-go/kubernetes/scheme"

	"github.com/mullion-dev/mullion/test/manifests"
)

// request is what somebody asks of the API server.
type request struct {
	operation   admission.Operation
	object, old runtime.Object
	subresource string
	// namespace is where, "shop" unless told; namespaceLabels are labels beside its name.
	namespace       string
	namespaceLabels map[string]string
}

// apiServer decides with the API server's own code which of the shipped webhooks a request is sent to.
type apiServer struct {
	hooks []hook
	// lazyTypes has expressions read Go types in place, as newer API servers do, rather than a copy as a map.
	lazyTypes bool
}

// hook is one webhook of a configuration, with its conditions compiled.
type hook struct {
	webhook.WebhookAccessor
	namespaces labels.Selector
	conditions matchconditions.Matcher
}

// The API servers whose CEL the conditions have to work with: the oldest release that we support, and the one
// that we build with. Stored expressions may use what the release has, no more.
func apiServers(t *testing.T, folder string) map[string]*apiServer {
	t.Helper()
	oldest := loadWebhooks(t, folder, version.MajorMinor(1, 33))
	newest := loadWebhooks(t, folder, environment.DefaultCompatibilityVersion())
	newest.lazyTypes = true
	return map[string]*apiServer{"oldest API server": oldest, "newest API server": newest}
}

func loadWebhooks(t *testing.T, folder string, release *version.Version) *apiServer {
	t.Helper()
	objects, err := manifests.Build(folder)
	if err != nil {
		t.Fatal(err)
	}
	var mutating admissionregistrationv1.MutatingWebhookConfiguration
	var validating admissionregistrationv1.ValidatingWebhookConfiguration
	if err := objects.Decode("MutatingWebhookConfiguration", "00-mullion", &mutating); err != nil {
		t.Fatal(err)
	}
	if err := objects.Decode("ValidatingWebhookConfiguration", "mullion", &validating); err != nil {
		t.Fatal(err)
	}
	var hooks []webhook.WebhookAccessor
	for i := range mutating.Webhooks {
		mutating.Webhooks[i].ObjectSelector = &metav1.LabelSelector{} // As defaulted.
		hooks = append(hooks, webhook.NewMutatingWebhookAccessor("", mutating.Name, &mutating.Webhooks[i]))
	}
	for i := range validating.Webhooks {
		validating.Webhooks[i].ObjectSelector = &metav1.LabelSelector{}
		hooks = append(hooks, webhook.NewValidatingWebhookAccessor("", validating.Name, &validating.Webhooks[i]))
	}
	server := &apiServer{}
	for _, accessor := range hooks {
		server.hooks = append(server.hooks, compileHook(t, accessor, release))
	}
	return server
}

// compileHook makes every failing expression an error, even where the webhook's failurePolicy hides it.
func compileHook(t *testing.T, accessor webhook.WebhookAccessor, release *version.Version) hook {
	t.Helper()
	namespaces, err := accessor.GetParsedNamespaceSelector()
	if err != nil {
		t.Fatal(err)
	}
	var expressions []cel.ExpressionAccessor
	for _, condition := range accessor.GetMatchConditions() {
		expressions = append(expressions, &matchconditions.MatchCondition{Name: condition.Name, Expression: condition.Expression})
	}
	environments := environment.MustBaseEnvSet(release)
	// A stored expression may use anything that some release knows; a new one what this release knows.
	evaluator := cel.NewConditionCompiler(environments).CompileCondition(expressions,
		cel.OptionalVariableDeclarations{HasAuthorizer: true}, environment.NewExpressions)
	for i, err := range evaluator.CompilationErrors() {
		t.Errorf("%s: error %d in the conditions: %v", accessor.GetName(), i, err)
	}
	fail := admissionregistrationv1.Fail
	return hook{accessor, namespaces, matchconditions.NewMatcher(evaluator, &fail, "webhook", accessor.GetType(), accessor.GetName())}
}

// calls lists the webhooks that a request is sent to, by name.
func (s *apiServer) calls(t *testing.T, r request) []string {
	t.Helper()
	if r.namespace == "" {
		r.namespace = "shop"
	}
	namespaceLabels := labels.Merge(r.namespaceLabels, labels.Set{"kubernetes.io/metadata.name": r.namespace})
	attributes := s.attributes(t, r)
	var called []string
	for _, hook := range s.hooks {
		ruled := slices.ContainsFunc(hook.GetRules(), func(rule admissionregistrationv1.RuleWithOperations) bool {
			matcher := rules.Matcher{Rule: rule, Attr: attributes}
			return matcher.Matches()
		})
		if !ruled || !hook.namespaces.Matches(namespaceLabels) {
			continue
		}
		result := hook.conditions.Match(t.Context(), attributes, nil, nil)
		if result.Error != nil {
			t.Fatalf("%s: %v", hook.GetName(), result.Error)
		}
		if result.Matches {
			called = append(called, hook.GetName())
		}
	}
	return called
}

func (s *apiServer) attributes(t *testing.T, r request) *admission.VersionedAttributes {
	t.Helper()
	subject := r.object
	if subject == nil {
		subject = r.old
	}
	kinds, _, err := scheme.Scheme.ObjectKinds(subject)
	if err != nil {
		t.Fatal(err)
	}
	resource, ok := resources[kinds[0].Kind]
	if !ok {
		t.Fatalf("%s is not a kind that this test knows", kinds[0].Kind)
	}
	attributes := &admission.VersionedAttributes{
		Attributes: admission.NewAttributesRecord(r.object, r.old, kinds[0], r.namespace, "", kinds[0].GroupVersion().WithResource(resource),
			r.subresource, r.operation, nil, false, nil),
		VersionedKind: kinds[0],
	}
	set := func(lazy *admission.LazyObject, object runtime.Object) {
		if object == nil {
			return
		}
		object.GetObjectKind().SetGroupVersionKind(kinds[0])
		*lazy = admission.LazyObject{UseSchemalessTypeRef: s.lazyTypes} //nolint:staticcheck // Deprecated until it is all that there is.
		lazy.Set(object)
	}
	set(&attributes.VersionedObject, r.object)
	set(&attributes.VersionedOldObject, r.old)
	return attributes
}

// resources are the plurals of the kinds in requests.
var resources = map[string]string{
	"CronJob":               "cronjobs",
	"DaemonSet":             "daemonsets",
	"Deployment":            "deployments",
	"Job":                   "jobs",
	"MachineDeployment":     "machinedeployments",
	"MachineSet":            "machinesets",
	"Pod":                   "pods",
	"PodTemplate":           "podtemplates",
	"ReplicaSet":            "replicasets",
	"ReplicationController": "replicationcontrollers",
	"StatefulSet":           "statefulsets",
}
