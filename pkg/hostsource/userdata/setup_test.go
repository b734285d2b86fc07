package userdata_test

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/test/sourcetest"
)

func TestBothSecretsAreWatchedByTheirNamesAlone(t *testing.T) {
	const keys, data = "/api/v1/namespaces/mullion-system/secrets", "/api/v1/namespaces/machines/secrets"
	server := sourcetest.New(t, map[string]sourcetest.List{
		keys: sourcetest.Metadata("mullion-system", "cloud-private-key"), data: sourcetest.Metadata("machines", "windows-user-data"),
	}, nil)
	r, _ := newReconciler(t, secret("mullion-system", "cloud-private-key", map[string][]byte{"private-key.pem": privateKey(t, 1)}, nil))
	mgr := server.Manager(t, r.Client.Scheme())
	if err := r.SetupWithManager(mgr); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- mgr.Start(ctx) }()
	var made corev1.Secret
	for r.Client.Get(ctx, client.ObjectKey{Namespace: "machines", Name: "windows-user-data"}, &made) != nil && ctx.Err() == nil {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if string(made.Data["userData"]) != script(t, 1) {
		t.Error("there is no user data for new machines")
	}
	for path, name := range map[string]string{keys: "cloud-private-key", data: "windows-user-data"} {
		if selector := server.Asked(path).Get("fieldSelector"); selector != "metadata.name="+name {
			t.Errorf("permissions are needed for %q of %s", selector, path)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
