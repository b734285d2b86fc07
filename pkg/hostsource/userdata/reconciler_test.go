package userdata_test

import (
	"context"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/ssh"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/hostsource/userdata"
)

func privateKey(t *testing.T, n byte) []byte {
	t.Helper()
	_, private := signer(t, n)
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(block)
}

// script is the user data for the n-th keys.
func script(t *testing.T, numbers ...byte) string {
	t.Helper()
	var keys []ssh.PublicKey
	for _, n := range numbers {
		keys = append(keys, publicKey(t, n))
	}
	text, err := userdata.Script(userdata.Azure, keys)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func secret(namespace, name string, data map[string][]byte, labels map[string]string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels}, Data: data}
}

func TestUserDataFollowsTheKeys(t *testing.T) {
	ours := map[string]string{v1alpha1.LabelManagedBy: v1alpha1.ManagedBy}
	one := map[string][]byte{"private-key.pem": privateKey(t, 1)}
	rotating := map[string][]byte{
		"private-key.pem": privateKey(t, 1), "private-key-next.pem": privateKey(t, 2), "old.retiring.pem": privateKey(t, 3), "note": []byte("text"),
	}
	holds := func(text string) map[string][]byte { return map[string][]byte{"userData": []byte(text)} }
	for sentence, c := range map[string]struct {
		keys    map[string][]byte
		live    *corev1.Secret
		replace bool
		want    string // Empty where there is to be none.
		ours    bool
		event   string
		again   bool
	}{
		"it is made":                        {keys: one, want: script(t, 1), ours: true},
		"it has every key but what retires": {keys: rotating, want: script(t, 2, 1), ours: true},
		"it waits for a key":                {},
		"it is left as it should be":        {keys: one, live: secret("machines", "windows-user-data", holds(script(t, 1)), ours), want: script(t, 1), ours: true},
		"it is brought up to date": {
			keys: one, live: secret("machines", "windows-user-data", holds(script(t, 2)), ours), want: script(t, 1), ours: true,
			event: "Normal UserDataUpdated new machines accept the keys of Secret mullion-system/cloud-private-key",
		},
		"it is filled": {
			keys: one, live: secret("machines", "windows-user-data", nil, ours), want: script(t, 1), ours: true,
			event: "Normal UserDataUpdated new machines accept the keys of Secret mullion-system/cloud-private-key",
		},
		"somebody else's is left, and reported": {
			keys: one, live: secret("machines", "windows-user-data", holds("<powershell>"), nil), want: "<powershell>", again: true,
			event: "Warning UserDataNotOurs its user data is not that of this node manager, which may not be let in by new machines; " +
				"to have it replaced, label the Secret app.kubernetes.io/managed-by=mullion, or delete it",
		},
		"somebody else's that is the same is left": {keys: one, live: secret("machines", "windows-user-data", holds(script(t, 1)), nil), want: script(t, 1)},
		"somebody else's is replaced where that is the option": {
			keys: one, live: secret("machines", "windows-user-data", holds("<powershell>"), nil), replace: true, want: script(t, 1), ours: true,
			event: "Normal UserDataUpdated new machines accept the keys of Secret mullion-system/cloud-private-key",
		},
		"nothing is made of a public key": {
			keys: map[string][]byte{"private-key.pem": ssh.MarshalAuthorizedKey(publicKey(t, 1))}, again: true,
			event: "Warning KeySecretInvalid no user data is made of it: reading private-key.pem: this is a public key: give the private one that belongs to it",
		},
		"nothing is made of a Secret without a key": {
			keys: map[string][]byte{"id_ed25519": privateKey(t, 1)}, again: true,
			event: "Warning KeySecretInvalid no user data is made of it: there is no private key: want one as private-key.pem",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			objects := []client.Object{}
			if c.keys != nil {
				objects = append(objects, secret("mullion-system", "cloud-private-key", c.keys, nil))
			}
			if c.live != nil {
				objects = append(objects, c.live)
			}
			r, recorder := newReconciler(t, objects...)
			r.Replace = c.replace
			result, err := r.Reconcile(t.Context(), reconcile.Request{})
			if err != nil {
				t.Fatal(err)
			}
			if again := result.RequeueAfter > 0; again != c.again {
				t.Errorf("looks again after %s", result.RequeueAfter)
			}
			var got corev1.Secret
			err = r.Client.Get(t.Context(), r.UserData, &got)
			if client.IgnoreNotFound(err) != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, string(got.Data["userData"])); diff != "" {
				t.Errorf("user data (-want +got):\n%s", diff)
			}
			if isOurs := got.Labels[v1alpha1.LabelManagedBy] == v1alpha1.ManagedBy; isOurs != c.ours {
				t.Errorf("labels %v", got.Labels)
			}
			event := ""
			if len(recorder.Events) > 0 {
				event = <-recorder.Events
			}
			if event != c.event {
				t.Errorf("event %q, want %q", event, c.event)
			}
			if strings.Contains(event, "PRIVATE") {
				t.Error("a key is told")
			}
		})
	}
}

func newReconciler(t *testing.T, objects ...client.Object) (*userdata.Reconciler, *events.FakeRecorder) {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	cluster := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	recorder := events.NewFakeRecorder(4)
	return &userdata.Reconciler{
		Client: cluster, API: cluster, Events: recorder, Platform: userdata.Azure,
		Keys:     types.NamespacedName{Namespace: "mullion-system", Name: "cloud-private-key"},
		UserData: types.NamespacedName{Namespace: "machines", Name: "windows-user-data"},
	}, recorder
}

// broken fails every read.
type broken struct{ client.Reader }

func (broken) Get(_ context.Context, _ client.ObjectKey, _ client.Object, _ ...client.GetOption) error {
	return errors.New("connection refused")
}

func TestASecretThatCannotBeReadIsAnErrorThatNamesIt(t *testing.T) {
	r, _ := newReconciler(t)
	r.API = broken{}
	_, err := r.Reconcile(t.Context(), reconcile.Request{})
	if err == nil || err.Error() != "reading Secret mullion-system/cloud-private-key: connection refused" {
		t.Errorf("got %v", err)
	}
}
