package exporter_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/exporter"
)

func TestTargetsAreAcceptedKeptAndGoneWithTheirHosts(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	config := &v1alpha1.WindowsNodeConfig{ObjectMeta: metav1.ObjectMeta{Name: "metrics"}}
	config.Spec.Bundle.Image = "registry.example.com/bundle@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	config.Spec.KubernetesVersion = "v1.37.2"
	config.Spec.Network.Provider = v1alpha1.NetworkExternal
	config.Spec.Metrics = &v1alpha1.MetricsSpec{}
	host := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "win-1"},
		Spec:       v1alpha1.WindowsHostSpec{Address: "10.0.0.1", User: "Administrator"},
	}
	for _, object := range []client.Object{config, host} {
		if err := shared.client.Create(ctx, object); err != nil {
			t.Fatal(err)
		}
	}
	host.Status.Node = &v1alpha1.HostNode{Name: "win-1", Address: "10.0.0.1", Addresses: []string{"10.0.0.1", "fd00::1"}, Joined: true}
	host.Status.Applied = &v1alpha1.AppliedConfiguration{NodeConfig: config.Name}
	if err := shared.client.Status().Update(ctx, host); err != nil {
		t.Fatal(err)
	}
	r := &exporter.Reconciler{Client: shared.client, API: shared.client, Namespace: namespace, Events: events.NewFakeRecorder(1)}
	look := func() {
		t.Helper()
		if _, err := r.Reconcile(ctx, reconcile.Request{}); err != nil {
			t.Fatal(err)
		}
	}

	look()
	before := slices(ctx, t)
	if got, want := fmt.Sprint(targets(before)), "[win-1 10.0.0.1:9182 ready=true]"; got != want {
		t.Errorf("targets %s, want %s", got, want)
	}
	look()
	if after := slices(ctx, t); len(after) != 1 || after[0].ResourceVersion != before[0].ResourceVersion {
		t.Errorf("looking again has changed %s to %v", before[0].ResourceVersion, after)
	}

	service := &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: exporter.ServiceName}}
	if err := shared.client.Delete(ctx, service); err != nil {
		t.Fatal(err)
	}
	waitUntilNone(ctx, t) // They go with the Service.
	look()
	if got := len(targets(slices(ctx, t))); got != 1 {
		t.Errorf("%d targets after the Service was made anew, want 1", got)
	}

	if err := shared.client.Delete(ctx, host); err != nil {
		t.Fatal(err)
	}
	look()
	if left := slices(ctx, t); len(left) > 0 {
		t.Errorf("slices are left: %v", left)
	}
}

func slices(ctx context.Context, t *testing.T) []discoveryv1.EndpointSlice {
	t.Helper()
	var list discoveryv1.EndpointSliceList
	err := shared.client.List(ctx, &list, client.InNamespace(namespace), client.MatchingLabels{discoveryv1.LabelServiceName: exporter.ServiceName})
	if err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// targets are the endpoints as Prometheus sees them.
func targets(slices []discoveryv1.EndpointSlice) []string {
	var all []string
	for i := range slices {
		for _, e := range slices[i].Endpoints {
			all = append(all, fmt.Sprintf("%s %s:%d ready=%t", e.TargetRef.Name, e.Addresses[0], *slices[i].Ports[0].Port, *e.Conditions.Ready))
		}
	}
	return all
}

func waitUntilNone(ctx context.Context, t *testing.T) {
	t.Helper()
	err := wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		return len(slices(ctx, t)) == 0, nil
	})
	if err != nil {
		t.Fatalf("waiting until the slices are gone: %v", err)
	}
}
