package machines

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const (
	hostNamespace    = "mullion-system"
	machineNamespace = "machines"
	hostName         = "worker-1.machines"
)

// harness runs the reconciler on an API server in memory, which has the machine API example.com.
type harness struct {
	t       *testing.T
	cluster client.Client
	// uncached is what the API server itself says of Machines.
	uncached client.Reader
	events   *events.FakeRecorder
	trust    bool
}

func testAPI() API {
	return API{
		Source:   "example-machines",
		Group:    "example.com",
		Versions: []string{"v2", "v1"},
		Selector: labels.SelectorFromSet(labels.Set{"os": "windows"}),
		Ignored:  func(of labels.Set) bool { return of["ignored"] == "true" },
		Azure: func(machine *unstructured.Unstructured) bool {
			cloud, _, err := unstructured.NestedString(machine.Object, "spec", "cloud")
			return err == nil && cloud == "azure"
		},
	}
}

func newHarness(t *testing.T, objects ...client.Object) *harness {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	kind := schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Machine"}
	scheme.AddKnownTypeWithName(kind, &unstructured.Unstructured{})
	scheme.AddKnownTypeWithName(kind.GroupVersion().WithKind("MachineList"), &unstructured.UnstructuredList{})
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	return &harness{t: t, cluster: cluster, uncached: cluster, events: events.NewFakeRecorder(16)}
}

func (h *harness) reconcile() error {
	h.t.Helper()
	s := &Source{
		Client: h.cluster, API: h.uncached, Events: h.events, Namespace: hostNamespace, TrustOnFirstUse: h.trust, Machines: testAPI(),
	}
	r := &reconciler{Source: s, keeper: s.newKeeper(), version: "v1", machines: h.cluster}
	_, err := r.Reconcile(h.t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Namespace: machineNamespace, Name: "worker-1"}})
	return err
}

func (h *harness) mustReconcile() {
	h.t.Helper()
	if err := h.reconcile(); err != nil {
		h.t.Fatal(err)
	}
}

// host is the Machine's WindowsHost; nil where there is none.
func (h *harness) host() *v1alpha1.WindowsHost {
	h.t.Helper()
	var host v1alpha1.WindowsHost
	err := h.cluster.Get(h.t.Context(), client.ObjectKey{Namespace: hostNamespace, Name: hostName}, &host)
	if client.IgnoreNotFound(err) != nil {
		h.t.Fatal(err)
	}
	if err != nil {
		return nil
	}
	return &host
}

// expectEvents compares the events since it was last called.
func (h *harness) expectEvents(want ...string) {
	h.t.Helper()
	var got []string
	for len(h.events.Events) > 0 {
		got = append(got, <-h.events.Events)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// newMachine is a Windows machine that runs.
func newMachine(change ...func(*unstructured.Unstructured)) *unstructured.Unstructured {
	m := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "example.com/v1",
		"kind":       "Machine",
		"metadata": map[string]any{
			"namespace": machineNamespace, "name": "worker-1", "uid": "one", "labels": map[string]any{"os": "windows"},
		},
		"status": map[string]any{
			"phase":     "Running",
			"addresses": []any{map[string]any{"type": "InternalIP", "address": "10.0.0.7"}},
		},
	}}
	for _, c := range change {
		c(m)
	}
	return m
}

// with sets a field.
func with(value any, fields ...string) func(*unstructured.Unstructured) {
	return func(m *unstructured.Unstructured) {
		if err := unstructured.SetNestedField(m.Object, value, fields...); err != nil {
			panic(err)
		}
	}
}

func annotated(key, value string) func(*unstructured.Unstructured) {
	return with(map[string]any{key: value}, "metadata", "annotations")
}

// change changes the Machine in the cluster.
func (h *harness) change(change ...func(*unstructured.Unstructured)) {
	h.t.Helper()
	live := newMachine()
	if err := h.cluster.Get(h.t.Context(), client.ObjectKeyFromObject(live), live); err != nil {
		h.t.Fatal(err)
	}
	for _, c := range change {
		c(live)
	}
	if err := h.cluster.Update(h.t.Context(), live); err != nil {
		h.t.Fatal(err)
	}
}

func otherHost(name, address string) *v1alpha1.WindowsHost {
	return &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: hostNamespace, Name: name},
		Spec:       v1alpha1.WindowsHostSpec{Address: address, User: "admin"},
	}
}
