package instances_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/instances"
)

const namespace = "mullion-system"

// harness runs the reconciler on an API server in memory.
type harness struct {
	t       *testing.T
	cluster client.Client
	events  *events.FakeRecorder
	writes  int
	// refuse is what the API server says to the writing of a WindowsHost; nil lets it be written.
	refuse func(name string) error
}

func newHarness(t *testing.T, objects ...client.Object) *harness {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	h := &harness{t: t, events: events.NewFakeRecorder(64), refuse: func(string) error { return nil }}
	h.cluster = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).WithInterceptorFuncs(interceptor.Funcs{
		Apply: func(ctx context.Context, c client.WithWatch, object runtime.ApplyConfiguration, options ...client.ApplyOption) error {
			h.writes++
			name := object.(interface{ GetName() string }).GetName()
			if err := h.refuse(name); err != nil {
				return err
			}
			return c.Apply(ctx, object, options...)
		},
		Delete: func(ctx context.Context, c client.WithWatch, object client.Object, options ...client.DeleteOption) error {
			h.writes++
			return c.Delete(ctx, object, options...)
		},
	}).Build()
	return h
}

func (h *harness) reconcile() (reconcile.Result, error) {
	h.t.Helper()
	r := &instances.Reconciler{
		Client: h.cluster, API: h.cluster, Events: h.events,
		List: types.NamespacedName{Namespace: namespace, Name: instances.DefaultName},
	}
	return r.Reconcile(h.t.Context(), reconcile.Request{})
}

func (h *harness) mustReconcile() reconcile.Result {
	h.t.Helper()
	result, err := h.reconcile()
	if err != nil {
		h.t.Fatal(err)
	}
	return result
}

// told are the events since it was last called.
func (h *harness) told() []string {
	var told []string
	for {
		select {
		case e := <-h.events.Events:
			told = append(told, e)
		default:
			slices.Sort(told)
			return told
		}
	}
}

func (h *harness) hosts() []v1alpha1.WindowsHost {
	h.t.Helper()
	var hosts v1alpha1.WindowsHostList
	if err := h.cluster.List(h.t.Context(), &hosts); err != nil {
		h.t.Fatal(err)
	}
	return hosts.Items
}

func (h *harness) expectHosts(want ...string) {
	h.t.Helper()
	got := []string{}
	for _, host := range h.hosts() {
		if host.DeletionTimestamp == nil {
			got = append(got, host.Name)
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		h.t.Errorf("hosts (-want +got):\n%s", diff)
	}
}

func (h *harness) host(name string) *v1alpha1.WindowsHost {
	h.t.Helper()
	var host v1alpha1.WindowsHost
	if err := h.cluster.Get(h.t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, &host); err != nil {
		h.t.Fatal(err)
	}
	return &host
}

// edit changes the list.
func (h *harness) edit(change func(*corev1.ConfigMap)) {
	h.t.Helper()
	edited := list(nil)
	if err := h.cluster.Get(h.t.Context(), client.ObjectKeyFromObject(edited), edited); err != nil {
		h.t.Fatal(err)
	}
	change(edited)
	if err := h.cluster.Update(h.t.Context(), edited); err != nil {
		h.t.Fatal(err)
	}
}

func (h *harness) deleteList() {
	h.t.Helper()
	if err := h.cluster.Delete(h.t.Context(), list(nil)); err != nil {
		h.t.Fatal(err)
	}
}

func list(data map[string]string, change ...func(*corev1.ConfigMap)) *corev1.ConfigMap {
	l := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "windows-instances"}, Data: data}
	for _, c := range change {
		c(l)
	}
	return l
}

func annotated(key, value string) func(*corev1.ConfigMap) {
	return func(l *corev1.ConfigMap) { metav1.SetMetaDataAnnotation(&l.ObjectMeta, key, value) }
}

// two is a list of two hosts.
func two() map[string]string {
	return map[string]string{"10.1.42.1": "username=Administrator", "win-2.example.com": "username=core"}
}

func administrators(name, address string) *v1alpha1.WindowsHost {
	return &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       v1alpha1.WindowsHostSpec{Address: address, User: "admin"},
	}
}
