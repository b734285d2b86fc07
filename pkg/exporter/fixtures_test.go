package exporter

import (
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

const namespace = "mullion-system"

// newHost is a host that has joined as a node of its name, with a node config. The first address is the node's.
func newHost(name, config string, addresses ...string) *v1alpha1.WindowsHost {
	return &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Status: v1alpha1.WindowsHostStatus{
			Node:    &v1alpha1.HostNode{Name: name, Address: addresses[0], Addresses: addresses, Joined: true},
			Applied: &v1alpha1.AppliedConfiguration{NodeConfig: config},
		},
	}
}

// newConfig is a node config with metrics on a port, or without where the port is -1.
func newConfig(name string, port int32) *v1alpha1.WindowsNodeConfig {
	config := &v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: name}}
	if port >= 0 {
		config.Spec.Metrics = &v1alpha1.MetricsSpec{Port: port}
	}
	return config
}

func newNode(name string, ready corev1.ConditionStatus) *corev1.Node {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{corev1.LabelOSStable: "windows"}},
		Status:     corev1.NodeStatus{Conditions: []corev1.NodeCondition{{Type: corev1.NodeReady, Status: ready}}},
	}
}

// cluster is a reconciler and what it writes to.
type cluster struct {
	*Reconciler
	t      *testing.T
	events *events.FakeRecorder
	writes int
	// fail, where it is set, is what applying an object comes to.
	fail func(name string) error
}

func newCluster(t *testing.T, objects ...client.Object) *cluster {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	c := &cluster{t: t, events: events.NewFakeRecorder(10)}
	kube := interceptor.NewClient(fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build(), interceptor.Funcs{
		Apply: c.apply, Delete: c.remove,
	})
	c.Reconciler = &Reconciler{Client: kube, API: kube, Namespace: namespace, Events: c.events}
	return c
}

// look reconciles once and tells how many objects were written.
func (c *cluster) look() (int, error) {
	before := c.writes
	_, err := c.Reconcile(c.t.Context(), reconcile.Request{})
	return c.writes - before, err
}

// expect reconciles and compares the endpoints that there are then.
func (c *cluster) expect(want ...string) {
	c.t.Helper()
	if _, err := c.look(); err != nil {
		c.t.Error(err)
	}
	if got := fmt.Sprint(c.targets()); got != fmt.Sprint(want) {
		c.t.Errorf("targets %s, want %s", got, want)
	}
}

// targets are the endpoints of all slices as Prometheus sees them.
func (c *cluster) targets() []string {
	c.t.Helper()
	targets := []string{}
	for _, slice := range c.slices() {
		for _, e := range slice.Endpoints {
			state := ""
			if !*e.Conditions.Ready {
				state = " (not ready)"
			}
			targets = append(targets, fmt.Sprintf("%s=%s:%d%s", e.TargetRef.Name, e.Addresses[0], *slice.Ports[0].Port, state))
		}
	}
	return targets
}

func (c *cluster) slices() []discoveryv1.EndpointSlice {
	c.t.Helper()
	var list discoveryv1.EndpointSliceList
	if err := c.Client.List(c.t.Context(), &list, client.InNamespace(namespace)); err != nil {
		c.t.Fatal(err)
	}
	return list.Items
}

func (c *cluster) update(object client.Object) {
	c.t.Helper()
	if err := c.Client.Update(c.t.Context(), object); err != nil {
		c.t.Fatal(err)
	}
}
