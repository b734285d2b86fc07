package hosts

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/cmd/internal/registryca"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/test/registry"
)

// pushBundle pushes a bundle of one file to a registry, over a transport of ours, and returns its reference by digest.
func pushBundle(t *testing.T, r *registry.Registry, ca registryca.Options) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "kubelet.exe"), []byte("a kubelet"), 0o600); err != nil {
		t.Fatal(err)
	}
	artifact, err := oci.Build(t.Context(), folder, func(string) (oci.Origin, error) {
		return oci.Origin{Component: "kubernetes", Version: "v1.37.2"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := artifact.Close(); err != nil {
			t.Error(err)
		}
	})
	transport, err := ca.Transport()
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(r.Reference("windows/node:v1"))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := artifact.Push(t.Context(), tag, remote.WithTransport(transport))
	if err != nil {
		t.Fatal(err)
	}
	return digest.String()
}

// disconnected is a manager that has nobody to talk to.
func disconnected(t *testing.T) manager.Manager {
	t.Helper()
	mgr, err := ctrl.NewManager(&rest.Config{Host: "https://127.0.0.1:1"}, manager.Options{
		Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
	})
	if err != nil {
		t.Fatal(err)
	}
	return mgr
}

func TestANodeBundleIsPulledFromARegistryOfAPrivateAuthority(t *testing.T) {
	r, err := registry.Start(registry.Options{TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	ca := registryca.Options{File: filepath.Join(t.TempDir(), "ca.pem")}
	if err := os.WriteFile(ca.File, r.CABundle(), 0o600); err != nil {
		t.Fatal(err)
	}
	config := &v1alpha1.WindowsNodeConfig{Spec: v1alpha1.WindowsNodeConfigSpec{
		Bundle: v1alpha1.BundleReference{Image: pushBundle(t, r, ca)},
	}}
	for name, test := range map[string]struct {
		ca   registryca.Options
		want string
	}{
		"whose file was given":     {ca: ca},
		"whose file was not given": {want: "certificate signed by unknown authority"},
	} {
		t.Run(name, func(t *testing.T) {
			o := NewOptions()
			o.BundleCache = t.TempDir()
			found, err := newBundles(disconnected(t), &dependencies{Dependencies: Dependencies{RegistryCA: test.ca}}, o)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(found.Close)
			bundle, err := found.Bundle(t.Context(), config)
			switch {
			case test.want == "" && (err != nil || len(bundle.Manifest.Files) != 1):
				t.Errorf("got %+v, error %v", bundle, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
