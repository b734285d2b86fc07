package machines

import (
	"context"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/mullion-dev/mullion/test/sourcetest"
)

func TestTheMachinesOfAnAPIThatIsServedAreFollowedUntilTheEnd(t *testing.T) {
	h := newHarness(t, newMachine())
	machine := newMachine(with("1", "metadata", "resourceVersion"))
	const machines = "/apis/example.com/v1/machines"
	server := sourcetest.New(t, map[string]sourcetest.List{
		machines: {APIVersion: "example.com/v1", Kind: "Machine", Objects: []map[string]any{machine.Object}},
		"/apis/mullion.dev/v1alpha1/windowshosts": {APIVersion: "mullion.dev/v1alpha1", Kind: "WindowsHost"},
	}, map[string]any{
		"/apis/example.com/v1": metav1.APIResourceList{
			TypeMeta: metav1.TypeMeta{Kind: "APIResourceList", APIVersion: "v1"}, GroupVersion: "example.com/v1",
			APIResources: []metav1.APIResource{{Name: "machines", Kind: "Machine", Namespaced: true}},
		},
	})
	mgr := server.Manager(t, h.cluster.Scheme())
	source := &Source{
		Client: h.cluster, API: h.uncached, Events: h.events, Namespace: hostNamespace, Machines: testAPI(),
	}
	if err := source.SetupWithManager(mgr); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	for h.host() == nil && ctx.Err() == nil {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if host := h.host(); host == nil || host.Spec.Address != "10.0.0.7" {
		t.Errorf("of the Machine came %+v", host)
	}
	if selector := server.Asked(machines).Get("labelSelector"); selector != "os=windows" {
		t.Errorf("Machines of others are kept in memory: %q", selector)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAHostIsLookedAtForItsMachine(t *testing.T) {
	source := &Source{Machines: testAPI()}
	host := otherHost(hostName, "10.0.0.7")
	if got := source.requestOfHost(t.Context(), host); got != nil {
		t.Errorf("a host that was brought asks for %v", got)
	}
	m := &machine{}
	m.Namespace, m.Name = machineNamespace, "worker-1"
	m.SetGroupVersionKind(schema.GroupVersionKind{Group: "example.com", Version: "v1", Kind: "Machine"})
	host.Spec.Machine = hostFor(m, "10.0.0.7", false).Machine
	got := source.requestOfHost(t.Context(), host)
	if len(got) != 1 || got[0].Namespace != machineNamespace || got[0].Name != "worker-1" {
		t.Errorf("it asks for %v", got)
	}
}
