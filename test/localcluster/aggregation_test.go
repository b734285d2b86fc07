package localcluster_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestTheAPIServerForwardsAggregatedAPIsToLoopback(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	namespace := newNamespace(ctx, t, adminClient(t, shared))
	port, caBundle := startTLS(t, "api."+namespace+".svc", func(w http.ResponseWriter, r *http.Request) {
		if len(r.TLS.PeerCertificates) == 0 || r.TLS.PeerCertificates[0].Subject.CommonName != "front-proxy-client" {
			http.Error(w, "the front proxy did not identify itself", http.StatusForbidden)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		// A discovery answer, which also tells who asked.
		body := `{"kind":"APIResourceList","apiVersion":"v1","groupVersion":"echo.test/v1","resources":[{"name":"` + r.Header.Get("X-Remote-User") + `"}]}`
		if _, err := w.Write([]byte(body)); err != nil {
			t.Error(err)
		}
	})
	if err := shared.RouteServiceToLoopback(ctx, namespace, "api"); err != nil {
		t.Fatal(err)
	}
	manifest, err := apiService(namespace, "api", port, caBundle)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := shared.Kubectl(ctx, strings.NewReader(manifest), "apply", "-f", "-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience) // The test's own has ended.
		defer cancel()
		if _, err := shared.Kubectl(ctx, nil, "delete", "apiservice", "v1.echo.test"); err != nil {
			t.Error(err)
		}
	})
	eventually(ctx, t, "the aggregated API answers the administrator by name", func(ctx context.Context) (bool, error) {
		out, err := shared.Kubectl(ctx, nil, "get", "--raw", "/apis/echo.test/v1")
		return err == nil && strings.Contains(out, `"kubernetes-admin"`), nil
	})
}

func apiService(namespace, service string, port int32, caBundle []byte) (string, error) {
	manifest, err := json.Marshal(map[string]any{
		"apiVersion": "apiregistration.k8s.io/v1",
		"kind":       "APIService",
		"metadata":   map[string]any{"name": "v1.echo.test"},
		"spec": map[string]any{
			"group": "echo.test", "version": "v1", "groupPriorityMinimum": 1000, "versionPriority": 10,
			"caBundle": caBundle,
			"service":  map[string]any{"namespace": namespace, "name": service, "port": port},
		},
	})
	return string(manifest), err
}
