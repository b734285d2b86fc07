package cabundle

import (
	"context"
	"crypto/x509"
	"testing"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

const day = 24 * time.Hour

var (
	epoch      = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	secretName = types.NamespacedName{Namespace: "mullion-system", Name: "mullion-webhook-ca"}
	issuer     = authority.Issuer{Name: "test", CALifetime: 90 * day, LeafLifetime: 6 * day, ClockSkew: 10 * time.Minute}
)

// retireAt is when the predecessors of an authority that was made at the epoch retire.
var retireAt = epoch.Add(6*day + 10*time.Minute)

var targets = []Target{MutatingWebhook("mutate"), ValidatingWebhook("validate"), APIService("v1.test")}

// world is a cluster with one of each target, and the reconciler under test.
type world struct {
	t      *testing.T
	client client.Client
	clock  *clocktesting.FakePassiveClock
	*Reconciler

	// writes counts the patches; before, if set, runs ahead of each.
	writes int
	before func()
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	w := &world{t: t, clock: clocktesting.NewFakePassiveClock(epoch)}
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	w.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			if w.before != nil {
				w.before()
			}
			w.writes++
			return c.Patch(ctx, o, p, opts...)
		},
	}).Build()
	r, err := NewReconciler(Options{Reader: w.client, Writer: w.client, Secret: secretName, Targets: targets, Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.Reconciler = r
	return w
}

func (w *world) reconcile() reconcile.Result {
	w.t.Helper()
	result, err := w.Reconcile(context.Background(), reconcile.Request{})
	if err != nil {
		w.t.Fatal(err)
	}
	return result
}

// put creates or replaces the Secret.
func (w *world) put(state *authority.State) {
	w.t.Helper()
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: secretName.Namespace, Name: secretName.Name}}
	if err := state.WriteTo(secret); err != nil {
		w.t.Fatal(err)
	}
	_ = w.client.Delete(context.Background(), secret.DeepCopy())
	if err := w.client.Create(context.Background(), secret); err != nil {
		w.t.Fatal(err)
	}
}

// bundles returns what each endpoint trusts, as the names of the CAs.
func (w *world) bundles() [][]string {
	w.t.Helper()
	pems, err := View{Reader: w.client, Targets: targets}.Bundles(context.Background())
	if err != nil {
		w.t.Fatal(err)
	}
	all := make([][]string, 0, len(pems))
	for _, pem := range pems {
		names := []string{}
		for _, c := range authority.ParseBundle(pem) {
			names = append(names, c.Subject.CommonName)
		}
		all = append(all, names)
	}
	return all
}

// every is what bundles returns if each of the four endpoints trusts exactly these.
func every(cas ...*authority.CA) [][]string {
	var all [][]string
	for range 4 {
		names := []string{}
		for _, ca := range cas {
			names = append(names, ca.Certificate.Subject.CommonName)
		}
		all = append(all, names)
	}
	return all
}

func newAuthority(t *testing.T, at time.Time) *authority.State {
	t.Helper()
	state, _, err := issuer.Plan(nil, at, func(*x509.Certificate) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// mutating has two webhooks, with everything that a careless write could lose.
func mutating() *admissionregistrationv1.MutatingWebhookConfiguration {
	webhook := func(name string) admissionregistrationv1.MutatingWebhook {
		path, port, timeout := "/mutate", int32(443), int32(7)
		failure, reinvocation, side := admissionregistrationv1.Ignore, admissionregistrationv1.IfNeededReinvocationPolicy, admissionregistrationv1.SideEffectClassNone
		scope := admissionregistrationv1.NamespacedScope
		return admissionregistrationv1.MutatingWebhook{
			Name: name,
			ClientConfig: admissionregistrationv1.WebhookClientConfig{Service: &admissionregistrationv1.ServiceReference{
				Namespace: "mullion-system", Name: "mullion-webhook", Path: &path, Port: &port,
			}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}, Scope: &scope},
			}},
			FailurePolicy:           &failure,
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{"a": "b"}},
			SideEffects:             &side,
			TimeoutSeconds:          &timeout,
			AdmissionReviewVersions: []string{"v1"},
			ReinvocationPolicy:      &reinvocation,
			MatchConditions:         []admissionregistrationv1.MatchCondition{{Name: "windows", Expression: "true"}},
		}
	}
	return &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "mutate", Labels: map[string]string{"l": "v"}, Annotations: map[string]string{"a": "v"}},
		Webhooks:   []admissionregistrationv1.MutatingWebhook{webhook("one.test"), webhook("two.test")},
	}
}

func validating() *admissionregistrationv1.ValidatingWebhookConfiguration {
	side := admissionregistrationv1.SideEffectClassNone
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "validate"},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "one.test", SideEffects: &side, AdmissionReviewVersions: []string{"v1"},
		}},
	}
}

func apiService() *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
		"metadata": map[string]any{"name": "v1.test"},
		"spec":     map[string]any{"group": "test", "version": "v1", "groupPriorityMinimum": int64(1000)},
	}}
}
