package approver_test

import (
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodecsr/approver"
)

func TestOnlyUndecidedRequestsOfKubeletsConcernUs(t *testing.T) {
	decided := clientDraft().sign(t, "decided")
	decided.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateDenied}}
	signed := clientDraft().sign(t, "signed")
	signed.Status.Certificate = []byte("x")
	for sentence, c := range map[string]struct {
		object client.Object
		want   bool
	}{
		"a client certificate":    {clientDraft().sign(t, "a"), true},
		"a serving certificate":   {servingDraft().sign(t, "b"), true},
		"one that was decided":    {decided, false},
		"one that was signed":     {signed, false},
		"one for another signer":  {clientDraft().with(func(d *draft) { d.spec.SignerName = "example.com/x" }).sign(t, "c"), false},
		"something else entirely": {newHost(), false},
	} {
		if got := approver.Concerns(c.object); got != c.want {
			t.Errorf("%s: got %t", sentence, got)
		}
	}
}

func TestAHostIsLookedAtAgainWhenWhatItMayAskForChanges(t *testing.T) {
	for sentence, c := range map[string]struct {
		change func(*v1alpha1.WindowsHost)
		want   bool
	}{
		"its bootstrap user is noted":   {func(h *v1alpha1.WindowsHost) { h.Status.Node.BootstrapUser = "system:bootstrap:bbbbbb" }, true},
		"an address is verified":        {func(h *v1alpha1.WindowsHost) { h.Status.Node.Addresses = []string{"192.0.2.9"} }, true},
		"its host key is not as it was": {func(h *v1alpha1.WindowsHost) { h.Status.Conditions[0].Status = metav1.ConditionFalse }, true},
		"its phase changes":             {func(h *v1alpha1.WindowsHost) { h.Status.Phase = v1alpha1.HostReady }, false},
	} {
		if got := approver.ClaimMoves().Update(event.UpdateEvent{ObjectOld: newHost(), ObjectNew: newHost(c.change)}); got != c.want {
			t.Errorf("%s: got %t", sentence, got)
		}
	}
	if approver.ClaimMoves().Delete(event.DeleteEvent{Object: newHost()}) {
		t.Error("a host that is gone may ask for nothing")
	}
	if approver.ClaimMoves().Update(event.UpdateEvent{ObjectOld: &metav1.PartialObjectMetadata{}, ObjectNew: newHost()}) {
		t.Error("something else is taken for a host")
	}
}

func TestTheRequestsOfAHostAreThoseThatItOrItsNodeHasMade(t *testing.T) {
	decided := clientDraft().sign(t, "decided")
	decided.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved}}
	w := newWorld(t, []client.Object{
		clientDraft().sign(t, "first"), servingDraft().sign(t, "second"), decided,
		clientDraft().with(func(d *draft) { d.spec.Username = "system:bootstrap:ffffff" }).sign(t, "another"),
	})
	got := map[string]bool{}
	for _, request := range approver.RequestsOf(w.Reconciler, t.Context(), newHost()) {
		got[request.Name] = true
	}
	if len(got) != 2 || !got["first"] || !got["second"] {
		t.Errorf("got %v", got)
	}
	if requests := approver.RequestsOf(w.Reconciler, t.Context(), newHost(func(h *v1alpha1.WindowsHost) { h.Status.Node = nil })); requests != nil {
		t.Errorf("a host that is no node yet has %v", requests)
	}
}
