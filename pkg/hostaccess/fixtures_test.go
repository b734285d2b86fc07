package hostaccess_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"testing"
	"time"

	cryptossh "golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostaccess"
)

const namespace = "hosts"

// privateKey is a new key as it is in a Secret.
func privateKey(t *testing.T) []byte {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := cryptossh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

func signer(t *testing.T, key []byte) cryptossh.Signer {
	t.Helper()
	parsed, err := cryptossh.ParsePrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

func fingerprint(t *testing.T, key []byte) string {
	t.Helper()
	return cryptossh.FingerprintSHA256(signer(t, key).PublicKey())
}

func fingerprints(signers []cryptossh.Signer) []string {
	var all []string
	for _, s := range signers {
		all = append(all, cryptossh.FingerprintSHA256(s.PublicKey()))
	}
	return all
}

func newHost(change ...func(*v1alpha1.WindowsHost)) *v1alpha1.WindowsHost {
	host := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "win-1", UID: "uid-1"},
		Spec:       v1alpha1.WindowsHostSpec{Address: "192.0.2.7", Port: 22, User: "Administrator"},
	}
	for _, c := range change {
		c(host)
	}
	return host
}

func secret(name string, data map[string][]byte) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: data}
}

// world is a cluster with an Access to its hosts.
type world struct {
	client client.Client
	access *hostaccess.Access
	clock  *clocktesting.FakePassiveClock
	// reads counts Secrets that were read, and before, if not nil, is called before each write of a status.
	reads  int
	before func()
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, v1alpha1.AddToScheme} {
		if err := add(scheme); err != nil {
			t.Fatal(err)
		}
	}
	w := &world{clock: clocktesting.NewFakePassiveClock(time.Now())}
	w.client = fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).
		WithStatusSubresource(&v1alpha1.WindowsHost{}).
		WithInterceptorFuncs(interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, object client.Object, options ...client.GetOption) error {
				if _, ok := object.(*corev1.Secret); ok {
					w.reads++
				}
				return c.Get(ctx, key, object, options...)
			},
			SubResourcePatch: func(
				ctx context.Context, c client.Client, name string, object client.Object, patch client.Patch, options ...client.SubResourcePatchOption,
			) error {
				if before := w.before; before != nil {
					w.before = nil
					before()
				}
				return c.SubResource(name).Patch(ctx, object, patch, options...)
			},
		}).Build()
	w.access = hostaccess.New(hostaccess.Options{Reader: w.client, Status: w.client.Status(), Clock: w.clock})
	return w
}
