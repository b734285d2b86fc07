package approver_test

import (
	"errors"
	"maps"
	"net"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/prometheus/client_golang/prometheus/testutil"
	certificatesv1 "k8s.io/api/certificates/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func approved(request *certificatesv1.CertificateSigningRequest) bool {
	return len(request.Status.Conditions) == 1 && request.Status.Conditions[0].Type == certificatesv1.CertificateApproved
}

func TestWhatTheKubeletOfAKnownHostAsksForIsApproved(t *testing.T) {
	for sentence, d := range map[string]*draft{
		"its first certificate":   clientDraft(),
		"its serving certificate": servingDraft(),
		"one for the address that its kubelet was given": servingDraft().with(func(d *draft) {
			d.template.IPAddresses = []net.IP{net.ParseIP("198.51.100.7")}
		}),
	} {
		t.Run(sentence, func(t *testing.T) {
			host := newHost(func(h *v1alpha1.WindowsHost) { h.Status.Node.Address = "198.51.100.7" })
			w := newWorld(t, []client.Object{host, d.sign(t, "csr-1")})
			after, err := w.reconcile(t, "csr-1")
			if err != nil || !approved(after) {
				t.Errorf("got %v, %v", after.Status.Conditions, err)
			}
			if told := w.told(); told != nil {
				t.Errorf("told %q", told)
			}
		})
	}
}

func TestAHostThatIsNotClaimedGetsNothing(t *testing.T) {
	now := metav1.NewTime(time.Now())
	for sentence, change := range map[string]func(*v1alpha1.WindowsHost){
		"one that nobody has looked at": func(h *v1alpha1.WindowsHost) { h.Status = v1alpha1.WindowsHostStatus{} },
		"one without our finalizer":     func(h *v1alpha1.WindowsHost) { h.Finalizers = []string{"example.com/other"} },
		"one whose host key is not verified": func(h *v1alpha1.WindowsHost) {
			h.Status.Conditions[0].Status = metav1.ConditionFalse
		},
		"one of which that is not known":  func(h *v1alpha1.WindowsHost) { h.Status.Conditions = nil },
		"one that is being deleted":       func(h *v1alpha1.WindowsHost) { h.DeletionTimestamp = &now },
		"one whose node has another name": func(h *v1alpha1.WindowsHost) { h.Status.Node.Name = "win-11" },
		"one whose node has no name":      func(h *v1alpha1.WindowsHost) { h.Status.Node.Name = "" },
	} {
		t.Run(sentence, func(t *testing.T) {
			for _, d := range []*draft{clientDraft(), servingDraft()} {
				w := newWorld(t, []client.Object{newHost(change), d.sign(t, "csr-1")})
				if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 {
					t.Errorf("got %v, %v", after.Status.Conditions, err)
				}
				w = newWorld(t, []client.Object{newHost(), d.sign(t, "csr-1")}, newHost(change))
				if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 {
					t.Errorf("the cache was believed: %v, %v", after.Status.Conditions, err)
				}
			}
		})
	}
}

func TestAHostThatIsGoneGetsNothing(t *testing.T) {
	other := newHost(func(h *v1alpha1.WindowsHost) { h.Name = "another" })
	w := newWorld(t, []client.Object{newHost(), clientDraft().sign(t, "csr-1")}, other)
	if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 {
		t.Errorf("got %v, %v", after.Status.Conditions, err)
	}
}

func TestOfTwoHostsThatClaimOneNodeNeitherGetsAnything(t *testing.T) {
	other := newHost(func(h *v1alpha1.WindowsHost) {
		h.Name, h.UID, h.Status.Node.BootstrapUser = "second", "uid-2", "system:bootstrap:aaaaaa"
	})
	for _, d := range []*draft{clientDraft(), servingDraft()} {
		w := newWorld(t, []client.Object{newHost(), other, d.sign(t, "csr-1")})
		if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 {
			t.Errorf("got %v, %v", after.Status.Conditions, err)
		}
	}
}

func TestAForgedRequestIsLeftPendingAndToldOnce(t *testing.T) {
	other := newHost(func(h *v1alpha1.WindowsHost) {
		h.Name, h.UID = "second", "uid-2"
		h.Status.Node = &v1alpha1.HostNode{Name: "win-2", BootstrapUser: "system:bootstrap:aaaaaa", Addresses: []string{"192.0.2.8"}}
	})
	for sentence, c := range map[string]struct {
		draft        *draft
		kind, reason string
		want         string
	}{
		"for another host's node, with its own token": {
			clientDraft().with(func(d *draft) { d.template.Subject.CommonName = "system:node:win-2" }), "client", "Requester", "it is made by",
		},
		"with another host's token": {
			clientDraft().with(func(d *draft) { d.spec.Username = "system:bootstrap:aaaaaa" }), "client", "Requester", "it is made by",
		},
		"with more than a node's rights": {
			clientDraft().with(func(d *draft) { d.template.Subject.Organization = []string{"system:nodes", "system:masters"} }),
			"client", "Subject", "its subject is",
		},
		"for a client that serves": {
			clientDraft().with(func(d *draft) { d.spec.Usages = append(d.spec.Usages, certificatesv1.UsageServerAuth) }), "client", "Usages", "its usages are",
		},
		"for another host's address": {
			servingDraft().with(func(d *draft) { d.template.IPAddresses = []net.IP{net.ParseIP("192.0.2.8")} }),
			"serving", "AlternativeNames", "the address 192.0.2.8",
		},
		"for a name that was not verified": {
			servingDraft().with(func(d *draft) { d.template.DNSNames = []string{"kubernetes.default.svc"} }),
			"serving", "AlternativeNames", "kubernetes.default.svc",
		},
		"of a node with its own user, which is no PEM": {servingDraft(), "serving", "Unreadable", "it holds no PEM block"},
	} {
		t.Run(sentence, func(t *testing.T) {
			request := c.draft.sign(t, "csr-1")
			if c.reason == "Unreadable" {
				request.Spec.Request = []byte("?")
			}
			w := newWorld(t, []client.Object{newHost(), other, request})
			for range 2 {
				if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 {
					t.Fatalf("got %v, %v", after.Status.Conditions, err)
				}
			}
			told := w.told()
			if len(told) != 1 || !strings.HasPrefix(told[0], "Warning CertificateNotApproved certificate signing request csr-1 for ") ||
				!strings.Contains(told[0], c.want) {
				t.Errorf("told %q", told)
			}
			if got, want := w.counted(t), (map[string]float64{c.kind + " refused " + c.reason: 1}); !maps.Equal(got, want) {
				t.Errorf("counted %v, want %v", got, want)
			}
		})
	}
}

func TestAForgedRequestIsToldHoweverLongTheNamesInItAre(t *testing.T) {
	const maxNote = 1024 // Of an event, in bytes: k8s.io/kubernetes/pkg/apis/core/validation.
	forged := clientDraft().with(func(d *draft) { d.template.Subject.Organization = []string{strings.Repeat("ö", 10_000)} })
	w := newWorld(t, []client.Object{newHost(), forged.sign(t, strings.Repeat("x", 253))})
	if after, err := w.reconcile(t, strings.Repeat("x", 253)); err != nil || approved(after) {
		t.Fatalf("got %v, %v", after.Status.Conditions, err)
	}
	told := w.told()
	if len(told) != 1 || !strings.Contains(told[0], "its subject is") {
		t.Fatalf("told %q", told)
	}
	if _, note, _ := strings.Cut(told[0], "CertificateNotApproved "); len(note) > maxNote || !utf8.ValidString(note) {
		t.Errorf("the note has %d bytes", len(note))
	}
}

func TestARequestThatWasRefusedIsApprovedOnceTheHostIsAsItClaims(t *testing.T) {
	host := newHost(func(h *v1alpha1.WindowsHost) { h.Status.Node.BootstrapUser = "" })
	w := newWorld(t, []client.Object{host, clientDraft().sign(t, "csr-1")})
	if after, err := w.reconcile(t, "csr-1"); err != nil || approved(after) || len(w.told()) != 1 {
		t.Fatalf("got %v, %v", after.Status.Conditions, err)
	}
	for _, c := range []client.Client{w.cached, w.live} {
		var noted v1alpha1.WindowsHost
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(host), &noted); err != nil {
			t.Fatal(err)
		}
		noted.Status.Node.BootstrapUser = bootstrapUser
		if err := c.Update(t.Context(), &noted); err != nil {
			t.Fatal(err)
		}
	}
	if after, err := w.reconcile(t, "csr-1"); err != nil || !approved(after) {
		t.Errorf("got %v, %v", after.Status.Conditions, err)
	}
	if got, want := w.counted(t), (map[string]float64{"client refused Requester": 1, "client approved ": 1}); !maps.Equal(got, want) {
		t.Errorf("counted %v, want %v", got, want)
	}
}

func TestTheFirstRefusalIsAnIncrease(t *testing.T) {
	w := newWorld(t, nil)
	const kinds, outcomes = 2, 6 // Approved, and five reasons not to.
	if got := testutil.CollectAndCount(w.registry, "mullion_node_certificates_requests_total"); got != kinds*outcomes {
		t.Errorf("%d series are there before there is any request, want %d", got, kinds*outcomes)
	}
}

func TestWhatHasNothingToDoWithOurHostsIsLeftAloneWithoutAWord(t *testing.T) {
	for sentence, d := range map[string]*draft{
		"a node that is none of our hosts":  clientDraft().with(func(d *draft) { d.template.Subject.CommonName = "system:node:linux-1" }),
		"a node whose name is part of ours": clientDraft().with(func(d *draft) { d.template.Subject.CommonName = "system:node:win" }),
		"another signer":                    clientDraft().with(func(d *draft) { d.spec.SignerName = certificatesv1.KubeAPIServerClientSignerName }),
	} {
		t.Run(sentence, func(t *testing.T) {
			w := newWorld(t, []client.Object{newHost(), d.sign(t, "csr-1")})
			if after, err := w.reconcile(t, "csr-1"); err != nil || len(after.Status.Conditions) != 0 || w.told() != nil {
				t.Errorf("got %v, %v", after.Status.Conditions, err)
			}
		})
	}
}

func TestAnAPIServerThatIsAwayApprovesNothing(t *testing.T) {
	away := errors.New("connection refused")
	w := newWorld(t, []client.Object{newHost(), clientDraft().sign(t, "csr-1")})
	w.unreadable = away
	if after, err := w.reconcile(t, "csr-1"); !errors.Is(err, away) || len(after.Status.Conditions) != 0 {
		t.Errorf("got %v, %v", after.Status.Conditions, err)
	}
	w.unreadable, w.refuses = nil, away
	if _, err := w.reconcile(t, "csr-1"); !errors.Is(err, away) || !strings.Contains(err.Error(), "approving certificate signing request csr-1") {
		t.Errorf("got %v", err)
	}
	w.refuses = apierrors.NewConflict(schema.GroupResource{}, "csr-1", away) // Somebody was faster.
	if _, err := w.reconcile(t, "csr-1"); err != nil {
		t.Errorf("got %v", err)
	}
	if got := w.counted(t); len(got) != 0 {
		t.Errorf("counted %v", got)
	}
}

func TestARequestThatIsGoneIsForgotten(t *testing.T) {
	w := newWorld(t, []client.Object{newHost(), clientDraft().with(func(d *draft) { d.spec.Username = "somebody" }).sign(t, "csr-1")})
	for range 2 {
		request, err := w.reconcile(t, "csr-1")
		if err != nil {
			t.Fatal(err)
		}
		if told := w.told(); len(told) != 1 {
			t.Errorf("told %q", told)
		}
		if err := w.cached.Delete(t.Context(), request); err != nil {
			t.Fatal(err)
		}
		if _, err := w.reconcile(t, "csr-1"); err != nil {
			t.Fatal(err)
		}
		request.ResourceVersion = ""
		if err := w.cached.Create(t.Context(), request); err != nil {
			t.Fatal(err)
		}
	}
}
