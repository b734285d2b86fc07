package cabundle

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/pkg/servingcert/authority"
)

func TestEveryEndpointOfEveryTargetGetsTheCA(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	state := newAuthority(t, epoch)
	w.put(state)
	w.reconcile()
	if diff := cmp.Diff(every(state.Signing), w.bundles()); diff != "" {
		t.Errorf("trusted (-want +got):\n%s", diff)
	}
	writes := w.writes
	w.reconcile()
	if w.writes != writes {
		t.Errorf("wrote %d times though nothing had changed", w.writes-writes)
	}
}

func TestNothingButCABundleIsWritten(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	w.put(newAuthority(t, epoch))
	w.reconcile()

	got := &admissionregistrationv1.MutatingWebhookConfiguration{}
	if err := w.client.Get(context.Background(), client.ObjectKey{Name: "mutate"}, got); err != nil {
		t.Fatal(err)
	}
	for i := range got.Webhooks {
		if len(got.Webhooks[i].ClientConfig.CABundle) == 0 {
			t.Errorf("webhook %d has no caBundle", i)
		}
	}
	ignored := []cmp.Option{
		cmpopts.IgnoreFields(admissionregistrationv1.WebhookClientConfig{}, "CABundle"),
		cmpopts.IgnoreFields(metav1.ObjectMeta{}, "ResourceVersion", "ManagedFields"),
		cmpopts.IgnoreFields(metav1.TypeMeta{}, "Kind", "APIVersion"),
	}
	if diff := cmp.Diff(mutating(), got, ignored...); diff != "" {
		t.Errorf("the rest of the configuration (-before +after):\n%s", diff)
	}

	service := apiService()
	if err := w.client.Get(context.Background(), client.ObjectKey{Name: "v1.test"}, service); err != nil {
		t.Fatal(err)
	}
	want := apiService().Object["spec"].(map[string]any)
	spec := service.Object["spec"].(map[string]any)
	delete(spec, "caBundle")
	if diff := cmp.Diff(want, spec); diff != "" {
		t.Errorf("the rest of the APIService (-before +after):\n%s", diff)
	}
}

func TestTheNewCAIsAddedBeforeTheOldOneLeavesAndTheOldOneLeavesWhenNoLeafOfItIsValid(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	old, fresh := newAuthority(t, epoch.Add(-day)), newAuthority(t, epoch)
	w.put(old)
	w.reconcile()

	w.put(fresh)
	result := w.reconcile()
	if diff := cmp.Diff(every(fresh.Signing, old.Signing), w.bundles()); diff != "" {
		t.Errorf("after the change (-want +got):\n%s", diff)
	}
	if result.RequeueAfter <= 0 || result.RequeueAfter > resync {
		t.Errorf("looks again after %s", result.RequeueAfter)
	}

	w.clock.SetTime(retireAt.Add(-time.Second))
	if result = w.reconcile(); result.RequeueAfter != time.Second {
		t.Errorf("looks again after %s, want 1s", result.RequeueAfter)
	}
	if diff := cmp.Diff(every(fresh.Signing, old.Signing), w.bundles()); diff != "" {
		t.Errorf("just before retirement (-want +got):\n%s", diff)
	}

	w.clock.SetTime(retireAt)
	w.reconcile()
	if diff := cmp.Diff(every(fresh.Signing), w.bundles()); diff != "" {
		t.Errorf("at retirement (-want +got):\n%s", diff)
	}
}

func TestAStagedCAIsTrustedBesideTheSigningOne(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	signing, next := newAuthority(t, epoch.Add(-30*day)), newAuthority(t, epoch)
	w.put(&authority.State{Signing: signing.Signing, Next: next.Signing, RetireAfter: signing.RetireAfter})
	w.reconcile()
	if diff := cmp.Diff(every(signing.Signing, next.Signing), w.bundles()); diff != "" {
		t.Errorf("trusted (-want +got):\n%s", diff)
	}
}

func TestCAsStayWhenTheSecretDoesNotSayWhenTheyRetire(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	old, fresh := newAuthority(t, epoch.Add(-day)), newAuthority(t, epoch)
	w.put(old)
	w.reconcile()
	w.put(&authority.State{Signing: fresh.Signing})
	w.clock.SetTime(epoch.Add(80 * day))
	w.reconcile()
	if diff := cmp.Diff(every(fresh.Signing, old.Signing), w.bundles()); diff != "" {
		t.Errorf("while the old CA is valid (-want +got):\n%s", diff)
	}
	w.clock.SetTime(epoch.Add(89 * day))
	w.reconcile()
	if diff := cmp.Diff(every(fresh.Signing), w.bundles()); diff != "" {
		t.Errorf("after it expired (-want +got):\n%s", diff)
	}
}

// A restored backup brings back an old CA together with a retirement that is long over, while replicas serve
// with the CA that it took the place of.
func TestARestoredSecretDoesNotCostTheTrustInWhatIsServed(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	backup, serving := newAuthority(t, epoch.Add(-30*day)), newAuthority(t, epoch)
	w.put(serving)
	w.reconcile()

	w.clock.SetTime(epoch.Add(20 * day))
	w.put(backup)
	w.reconcile()
	if diff := cmp.Diff(every(backup.Signing, serving.Signing), w.bundles()); diff != "" {
		t.Errorf("after the restore (-want +got):\n%s", diff)
	}
	w.clock.SetTime(epoch.Add(20*day + DefaultRetireDelay))
	w.reconcile()
	if diff := cmp.Diff(every(backup.Signing), w.bundles()); diff != "" {
		t.Errorf("after the delay (-want +got):\n%s", diff)
	}
}

func TestDriftIsRepaired(t *testing.T) {
	state := newAuthority(t, epoch)
	foreign := newAuthority(t, epoch)
	cases := map[string][]byte{
		"emptied":                     nil,
		"not a certificate":           []byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
		"replaced by another CA":      foreign.Trusted().PEM(),
		"another CA beside the right": append(state.Trusted().PEM(), foreign.Trusted().PEM()...),
	}
	for name, bundle := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mutating(), validating(), apiService())
			w.put(state)
			w.reconcile()
			w.clock.SetTime(retireAt)

			object := &admissionregistrationv1.MutatingWebhookConfiguration{}
			if err := w.client.Get(context.Background(), client.ObjectKey{Name: "mutate"}, object); err != nil {
				t.Fatal(err)
			}
			object.Webhooks[1].ClientConfig.CABundle = bundle
			if err := w.client.Update(context.Background(), object); err != nil {
				t.Fatal(err)
			}
			w.reconcile()
			if diff := cmp.Diff(every(state.Signing), w.bundles()); diff != "" {
				t.Errorf("trusted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestWithoutAnAuthorityTheCABundlesStayAsTheyAre(t *testing.T) {
	cases := map[string]func(w *world, secret *corev1.Secret) error{
		"the secret is missing": func(w *world, secret *corev1.Secret) error {
			return w.client.Delete(context.Background(), secret)
		},
		"the secret is empty": func(w *world, secret *corev1.Secret) error {
			secret.Data = nil
			return w.client.Update(context.Background(), secret)
		},
		"the secret holds garbage": func(w *world, secret *corev1.Secret) error {
			for key := range secret.Data {
				secret.Data[key] = []byte("garbage")
			}
			return w.client.Update(context.Background(), secret)
		},
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, mutating(), validating(), apiService())
			state := newAuthority(t, epoch)
			w.put(state)
			w.reconcile()
			secret := &corev1.Secret{}
			if err := w.client.Get(context.Background(), secretName, secret); err != nil {
				t.Fatal(err)
			}
			if err := change(w, secret); err != nil {
				t.Fatal(err)
			}
			w.clock.SetTime(epoch.Add(50 * day))
			w.reconcile()
			if diff := cmp.Diff(every(state.Signing), w.bundles()); diff != "" {
				t.Errorf("trusted (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATargetThatIsMissingDoesNotHoldUpTheOthers(t *testing.T) {
	w := newWorld(t, validating())
	state := newAuthority(t, epoch)
	w.put(state)
	w.reconcile()
	if diff := cmp.Diff(every(state.Signing)[:1], w.bundles()); diff != "" {
		t.Errorf("trusted (-want +got):\n%s", diff)
	}
}

func TestATargetThatChangedSinceItWasReadIsNotWrittenAndTheOthersAre(t *testing.T) {
	w := newWorld(t, mutating(), validating(), apiService())
	state := newAuthority(t, epoch)
	w.put(state)
	w.before = func() {
		w.before = nil // only the first target, the mutating one, is raced
		object := &admissionregistrationv1.MutatingWebhookConfiguration{}
		if err := w.client.Get(context.Background(), client.ObjectKey{Name: "mutate"}, object); err != nil {
			t.Fatal(err)
		}
		object.Webhooks = object.Webhooks[:1]
		if err := w.client.Update(context.Background(), object); err != nil {
			t.Fatal(err)
		}
	}
	_, err := w.Reconcile(context.Background(), reconcile.Request{})
	if err == nil {
		t.Fatal("no error, so nothing would try again")
	}
	name := state.Signing.Certificate.Subject.CommonName
	if diff := cmp.Diff([][]string{{}, {name}, {name}}, w.bundles()); diff != "" {
		t.Errorf("after the race (-want +got):\n%s", diff)
	}
	w.reconcile()
	if diff := cmp.Diff([][]string{{name}, {name}, {name}}, w.bundles()); diff != "" {
		t.Errorf("after trying again (-want +got):\n%s", diff)
	}
}

func TestACABundleStaysBoundedWhenTheSecretIsDeletedInALoop(t *testing.T) {
	w := newWorld(t, validating())
	var last *authority.State
	for i := range maxBundle + 5 {
		last = newAuthority(t, epoch.Add(time.Duration(i)*time.Second))
		w.put(last)
		w.reconcile()
	}
	got := w.bundles()[0]
	if len(got) != maxBundle || got[0] != last.Signing.Certificate.Subject.CommonName {
		t.Errorf("%d CAs, first %s; want %d, first %s", len(got), got[0], maxBundle, last.Signing.Certificate.Subject.CommonName)
	}
	size := 0
	for _, pem := range mustBundles(t, w) {
		size += len(pem)
	}
	if size > maxBundle<<10 {
		t.Errorf("%d bytes for %d CAs", size, maxBundle)
	}
}

func TestTheViewReportsATargetThatCannotBeRead(t *testing.T) {
	denied := fmt.Errorf("denied")
	_, err := View{Reader: failingReader{err: denied}, Targets: targets[:1]}.Bundles(context.Background())
	if err == nil || err.Error() != "reading MutatingWebhookConfiguration mutate: denied" {
		t.Errorf("error = %v", err)
	}
}

func TestAReconcilerWithoutASecretIsRefused(t *testing.T) {
	if _, err := NewReconciler(Options{}); err == nil {
		t.Error("no error")
	}
}

type failingReader struct {
	client.Reader
	err error
}

func (r failingReader) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return r.err
}

func mustBundles(t *testing.T, w *world) [][]byte {
	t.Helper()
	bundles, err := View{Reader: w.client, Targets: targets}.Bundles(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return bundles
}
