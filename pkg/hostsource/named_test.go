package hostsource_test

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource"
	"github.com/mullion-dev/mullion/test/sourcetest"
)

func TestOneObjectIsWatchedByItsNameAlone(t *testing.T) {
	const path = "/api/v1/namespaces/hosts/configmaps"
	server := sourcetest.New(t, map[string]sourcetest.List{path: sourcetest.Metadata("hosts", "list")}, nil)
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	mgr := server.Manager(t, scheme)
	request := reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "any", Name: "request"}}
	watched, err := hostsource.WatchNamed(mgr, corev1.SchemeGroupVersion.WithKind("ConfigMap"),
		types.NamespacedName{Namespace: "hosts", Name: "list"}, request)
	if err != nil {
		t.Fatal(err)
	}
	asked := make(chan reconcile.Request, 1)
	err = ctrl.NewControllerManagedBy(mgr).Named("test").WatchesRawSource(watched).Complete(
		reconcile.Func(func(_ context.Context, r reconcile.Request) (reconcile.Result, error) {
			asked <- r
			return reconcile.Result{}, nil
		}))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	select {
	case got := <-asked:
		if got != request {
			t.Errorf("it is asked for %v", got)
		}
	case <-ctx.Done():
		t.Error("nobody has looked at the object")
	}
	if selector := server.Asked(path).Get("fieldSelector"); selector != "metadata.name=list" {
		t.Errorf("permissions are needed for %q", selector)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAnAddressIsTheSameAtTheUsualPortHoweverItIsWritten(t *testing.T) {
	for sentence, c := range map[string]struct {
		address string
		port    int32
		want    bool
	}{
		"as it is":             {"win-1.example.com", 22, true},
		"without a port":       {"win-1.example.com", 0, true},
		"in capitals":          {"WIN-1.example.com", 22, true},
		"another name":         {"win-2.example.com", 22, false},
		"another server there": {"win-1.example.com", 2222, false},
	} {
		host := &v1alpha1.WindowsHost{Spec: v1alpha1.WindowsHostSpec{Address: c.address, Port: c.port}}
		if got := hostsource.SameAddress(host, "win-1.example.com"); got != c.want {
			t.Errorf("%s: %t", sentence, got)
		}
	}
}
