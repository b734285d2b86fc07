package nodebundle_test

import (
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/bundle/cache"
	"github.com/mullion-dev/mullion/pkg/bundle/oci"
	"github.com/mullion-dev/mullion/pkg/nodebundle"
	"github.com/mullion-dev/mullion/test/registry"
)

const (
	username = "puller"
	password = "correct-horse"
)

// world is a registry and a manager that has bundles from there.
type world struct {
	*nodebundle.Bundles
	registry *registry.Registry
	clock    *clocktesting.FakeClock
	client   client.Client
}

// newWorld has a cache of so many bytes.
func newWorld(t *testing.T, limit int64, options registry.Options) *world {
	t.Helper()
	r, err := registry.Start(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	kept, err := cache.Open(t.TempDir(), limit)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{
		registry: r, clock: clocktesting.NewFakeClock(time.Now()), client: fake.NewClientBuilder().Build(),
	}
	w.Bundles = nodebundle.New(nodebundle.Options{
		Cache: kept, Reader: w.client, Namespace: "mullion-system", Clock: w.clock,
	})
	t.Cleanup(w.Bundles.Close) // Before the cache.
	return w
}

// push makes a bundle of one file.
func (w *world) push(t *testing.T, content string) string {
	t.Helper()
	directory := t.TempDir()
	if err := os.WriteFile(filepath.Join(directory, "kubelet.exe"), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	artifact, err := oci.Build(t.Context(), directory, func(string) (oci.Origin, error) {
		return oci.Origin{Component: "kubernetes", Version: "v1.37.2"}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag(w.registry.Reference("windows/node:v1"))
	if err != nil {
		t.Fatal(err)
	}
	digest, err := artifact.Push(t.Context(), tag, remote.WithAuth(&authn.Basic{Username: username, Password: password}))
	if err != nil {
		t.Fatal(err)
	}
	if err := artifact.Close(); err != nil {
		t.Fatal(err)
	}
	w.registry.ResetRequests()
	return digest.String()
}

func config(image, pullSecret string) *v1alpha1.WindowsNodeConfig {
	return &v1alpha1.WindowsNodeConfig{Spec: v1alpha1.WindowsNodeConfigSpec{
		Bundle: v1alpha1.BundleReference{Image: image, PullSecret: pullSecret},
	}}
}

// givenPullSecret makes a Secret with passwords for places on the registry.
func (w *world) givenPullSecret(t *testing.T, name string, passwords map[string]string, change ...func(*corev1.Secret)) {
	t.Helper()
	auths := map[string]any{}
	for place, password := range passwords {
		auths[w.registry.Host()+place] = map[string]string{"username": username, "password": password}
	}
	data, err := json.Marshal(map[string]any{"auths": auths})
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "mullion-system", Name: name},
		Type:       corev1.SecretTypeDockerConfigJson,
		Data:       map[string][]byte{corev1.DockerConfigJsonKey: data},
	}
	for _, c := range change {
		c(secret)
	}
	if err := w.client.Create(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
}

// gate is a fault that holds requests for blobs until it is opened.
type gate chan struct{}

func (g gate) fault(healthy http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/blobs/") {
			select {
			case <-g:
			case <-r.Context().Done():
				return
			}
		}
		healthy.ServeHTTP(w, r)
	})
}

// answer is what a call of Bundle has returned.
type answer struct {
	bundle nodebundle.Bundle
	err    error
}

func (w *world) ask(ctx context.Context, image string) <-chan answer {
	answers := make(chan answer, 1)
	go func() {
		bundle, err := w.Bundle(ctx, config(image, ""))
		answers <- answer{bundle, err}
	}()
	return answers
}

// awaitWaiter returns when somebody waits for the clock.
func (w *world) awaitWaiter(t *testing.T) {
	t.Helper()
	tick, late := time.NewTicker(time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !w.clock.HasWaiters() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("nobody has begun to wait")
		}
	}
}
