package nodecsr_test

import (
	"context"
	"net"
	"slices"
	"strings"
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/joincredentials"
)

// forgery is a request that must not be approved.
type forgery struct {
	draft *draft
	// told, where it is set, is the host that is told, by a sentence that has because.
	told    *host
	because string
}

func TestForgedRequestsStayPending(t *testing.T) {
	victim, attacker := givenHost(t, "win-victim"), givenHost(t, "win-attacker")
	bystander := givenHost(t, "win-deleted")
	if err := shared.root.Delete(t.Context(), bystander.WindowsHost); err != nil {
		t.Fatal(err)
	}
	stranger := givenHost(t, "win-unverified", func(h *v1alpha1.WindowsHost) { h.Status.Conditions = nil })
	liar := givenHost(t, "win-liar", func(h *v1alpha1.WindowsHost) {
		h.Status.Node.Addresses = append(h.Status.Node.Addresses, "10.0.0.1") // Which is what it says.
	})
	impostor := givenHost(t, "kubernetes.default.svc") // Which is what it calls itself.
	commonName := func(name string) func(*draft) { return func(d *draft) { d.template.Subject.CommonName = name } }
	for sentence, forged := range map[string]forgery{
		"for another host's node": {
			clientDraft(attacker).with(commonName("system:node:win-victim")), victim, "it is made by",
		},
		"for a node whose name is part of another's": {draft: clientDraft(attacker).with(commonName("system:node:win-"))},
		"for a node that another's name is part of":  {draft: clientDraft(attacker).with(commonName("system:node:win-victim-2"))},
		"for a node that nobody knows":               {draft: clientDraft(attacker).with(commonName("system:node:linux-1"))},
		"for a user that is no node":                 {draft: clientDraft(attacker).with(commonName("kubernetes-admin"))},
		"for a node and an administrator": {
			clientDraft(attacker).with(func(d *draft) { d.template.Subject.Organization = []string{"system:nodes", "system:masters"} }),
			attacker, "its subject is",
		},
		"for an administrator": {
			clientDraft(attacker).with(func(d *draft) { d.template.Subject.Organization = []string{"system:masters"} }),
			attacker, "its subject is",
		},
		"with the token of another host": {
			clientDraft(victim).with(func(d *draft) { d.by = attacker.bootstrap() }), victim, "it is made by",
		},
		// Nodes themselves cannot even ask for another: the API server's plugin NodeRestriction sees to that.
		"by somebody with a token of no host": {
			clientDraft(victim).with(func(d *draft) { d.by = as(t, "system:bootstrap:ffffff", joincredentials.Group) }), victim, "nor by",
		},
		"by somebody who is called like another node": {
			clientDraft(victim).with(func(d *draft) { d.by = as(t, "system:node:win-attacker", joincredentials.Group) }), victim, "nor by",
		},
		"by somebody who is called like the node": {
			clientDraft(victim).with(func(d *draft) { d.by = as(t, "system:node:win-victim", joincredentials.Group) }), victim, "is not in the group",
		},
		"for a client that serves as well": {
			clientDraft(attacker).with(func(d *draft) { d.spec.Usages = append(d.spec.Usages, certificatesv1.UsageServerAuth) }),
			attacker, "its usages are",
		},
		"for a client with names": {
			clientDraft(attacker).with(func(d *draft) { d.template.DNSNames = []string{"win-attacker"} }), attacker, "alternative names",
		},
		"for an address that was not verified": {
			servingDraft(t, attacker).with(func(d *draft) { d.template.IPAddresses = []net.IP{net.ParseIP("192.0.2.8")} }),
			attacker, "the address 192.0.2.8",
		},
		"for the API servers' address, which the host says is its own": {
			servingDraft(t, liar).with(func(d *draft) { d.template.IPAddresses = []net.IP{net.ParseIP("10.0.0.1")} }),
			liar, "10.0.0.1, which is that of the Service kubernetes as well",
		},
		"for the API server's name": {
			servingDraft(t, attacker).with(func(d *draft) { d.template.DNSNames = []string{"kubernetes.default.svc"} }),
			attacker, "kubernetes.default.svc",
		},
		"for the API server's name, which the host says is its own": {
			servingDraft(t, impostor), impostor, `"kubernetes.default.svc", which is that of a Service as well`,
		},
		"for another node's name to serve by": {
			servingDraft(t, attacker).with(func(d *draft) { d.template.DNSNames = []string{"win-victim"} }), attacker, `"win-victim"`,
		},
		"to serve, by a token": {
			servingDraft(t, attacker).with(func(d *draft) { d.by = attacker.bootstrap() }), attacker, "it is made by",
		},
		"to serve, by somebody who is called like the node": {
			servingDraft(t, victim).with(func(d *draft) { d.by = as(t, "system:node:win-victim", joincredentials.Group) }),
			victim, "is not in the group",
		},
		"to serve, of the signer of clients": {
			servingDraft(t, attacker).with(func(d *draft) { d.spec.SignerName = certificatesv1.KubeAPIServerClientKubeletSignerName }),
			attacker, "its usages are",
		},
		"of the signer of people": {
			draft: clientDraft(attacker).with(func(d *draft) { d.spec.SignerName = certificatesv1.KubeAPIServerClientSignerName }),
		},
		"of somebody else's signer":              {draft: clientDraft(attacker).with(func(d *draft) { d.spec.SignerName = "example.com/signer" })},
		"of a host that is being deleted":        {draft: clientDraft(bystander)},
		"of a host that was not verified":        {draft: clientDraft(stranger)},
		"to serve, of one that is being deleted": {draft: servingDraft(t, bystander)},
		"to serve, of one that was not verified": {draft: servingDraft(t, stranger)},
	} {
		t.Run(sentence, func(t *testing.T) {
			name, _ := forged.draft.send(t)
			// Requests are looked at one after the other: when this one has its certificate, that one was looked at.
			sentinel, private := clientDraft(victim).send(t)
			issued(t, sentinel, private)
			var request certificatesv1.CertificateSigningRequest
			if err := shared.root.Get(t.Context(), client.ObjectKey{Name: name}, &request); err != nil {
				t.Fatal(err)
			}
			if len(request.Status.Conditions) != 0 || len(request.Status.Certificate) != 0 {
				t.Errorf("it is %+v", request.Status)
			}
			if forged.told == nil {
				return
			}
			eventually(t, "the host is told", func(context.Context) (bool, error) {
				return slices.ContainsFunc(told(t, forged.told), func(note string) bool {
					return strings.Contains(note, name) && strings.Contains(note, forged.because)
				}), nil
			})
		})
	}
}

func TestARequestThatCameTooEarlyIsApprovedOnceTheHostIsVerified(t *testing.T) {
	h := givenHost(t, "win-early", func(h *v1alpha1.WindowsHost) { h.Status.Conditions = nil })
	name, private := clientDraft(h).send(t)
	before := h.DeepCopy()
	h.Status.Conditions = givenHost(t, "win-template").Status.Conditions
	if err := shared.root.Status().Patch(t.Context(), h.WindowsHost, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	issued(t, name, private)
}
