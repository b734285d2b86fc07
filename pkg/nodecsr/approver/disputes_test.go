package approver_test

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

func node(name, address string) client.Object {
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Status:     corev1.NodeStatus{Addresses: []corev1.NodeAddress{{Type: corev1.NodeInternalIP, Address: address}}},
	}
}

func apiServer(address string) client.Object {
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "kubernetes", Labels: map[string]string{"kubernetes.io/service-name": "kubernetes"}},
		Endpoints:  []discoveryv1.Endpoint{{Addresses: []string{address}}},
	}
}

func TestAHostThatSaysItHasSomebodyElsesAddressIsNotBelieved(t *testing.T) {
	for sentence, c := range map[string]struct {
		claims, asks string
		objects      []client.Object
		want         string // Empty where it is approved.
	}{
		"an API server's":                           {"192.0.2.1", "192.0.2.1", []client.Object{apiServer("192.0.2.1")}, "192.0.2.1, which is that of an API server as well"},
		"the API servers' Service's":                {"10.96.0.1", "10.96.0.1", nil, "10.96.0.1, which is that of the Service kubernetes as well"},
		"that of any other Service":                 {"10.100.0.9", "10.100.0.9", nil, "10.100.0.9, which is that of a Service as well"},
		"another node's":                            {"192.0.2.9", "192.0.2.9", []client.Object{node("linux-1", "192.0.2.9")}, "192.0.2.9, which is that of node linux-1 as well"},
		"but its own node's is its own":             {"192.0.2.7", "192.0.2.7", []client.Object{node(nodeName, "192.0.2.7")}, ""},
		"and what it does not ask for is no matter": {"192.0.2.9", "192.0.2.7", []client.Object{node("linux-1", "192.0.2.9")}, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			host := newHost(func(h *v1alpha1.WindowsHost) { h.Status.Node.Addresses = []string{"192.0.2.7", c.claims} })
			asked := servingDraft().with(func(d *draft) {
				d.template.DNSNames, d.template.IPAddresses = []string{nodeName}, []net.IP{net.ParseIP(c.asks)}
			})
			w := newWorld(t, append(c.objects, host, asked.sign(t, "csr-1")))
			result, err := w.Reconcile(t.Context(), reconcile.Request{NamespacedName: client.ObjectKey{Name: "csr-1"}})
			if err != nil {
				t.Fatal(err)
			}
			after, err := w.reconcile(t, "csr-1")
			if err != nil || approved(after) != (c.want == "") {
				t.Errorf("got %v, %v", after.Status.Conditions, err)
			}
			told := w.told()
			switch {
			case c.want == "" && told != nil:
				t.Errorf("told %q", told)
			case c.want != "" && (len(told) != 1 || !strings.Contains(told[0], c.want)):
				t.Errorf("told %q, want %s", told, c.want)
			case c.want != "" && result.RequeueAfter != time.Minute:
				t.Errorf("it is looked at again after %v", result.RequeueAfter)
			}
		})
	}
}

func TestAHostThatHasTheAddressOfTheLoadBalancerOfAPIServersIsNotBelieved(t *testing.T) {
	asked := servingDraft().with(func(d *draft) { d.template.DNSNames = []string{nodeName} })
	w := newWorld(t, []client.Object{newHost(), asked.sign(t, "csr-1")})
	w.cluster.Server = "https://192.0.2.7:6443"
	after, err := w.reconcile(t, "csr-1")
	if err != nil || approved(after) {
		t.Errorf("got %v, %v", after.Status.Conditions, err)
	}
	if told := w.told(); len(told) != 1 || !strings.Contains(told[0], "192.0.2.7, which is that of the URL by which nodes reach API servers as well") {
		t.Errorf("told %q", told)
	}
}

func TestAHostThatCallsItselfLikeTheAPIServerIsNotBelieved(t *testing.T) {
	for name, want := range map[string]string{
		"kubernetes":                             "the Service kubernetes",
		"kubernetes.default":                     "the Service kubernetes",
		"kubernetes.default.svc":                 "a Service",
		"kubernetes.default.svc.cluster.example": "a Service",
		"db.team-a.svc":                          "a Service",
		"localhost":                              "every machine",
		"api.example.com":                        "the URL by which nodes reach API servers",
		"win-api.example.com":                    "",
		"kubernetes.example.com":                 "",
		"svc":                                    "",
		"win-svc":                                "",
	} {
		t.Run(name, func(t *testing.T) {
			host := newHost(func(h *v1alpha1.WindowsHost) { h.Status.Node.Name = name })
			asked := servingDraft().with(func(d *draft) {
				d.template.Subject.CommonName, d.spec.Username = "system:node:"+name, "system:node:"+name
				d.template.DNSNames = []string{strings.ToUpper(name)}
			})
			w := newWorld(t, []client.Object{host, asked.sign(t, "csr-1")})
			after, err := w.reconcile(t, "csr-1")
			if err != nil || approved(after) != (want == "") {
				t.Errorf("got %v, %v", after.Status.Conditions, err)
			}
			told := w.told()
			if want == "" && told != nil || want != "" && (len(told) != 1 || !strings.Contains(told[0], "which is that of "+want+" as well")) {
				t.Errorf("told %q, want %s", told, want)
			}
		})
	}
}

func TestNothingIsApprovedAsLongAsTheClustersOwnNamesAreNotKnown(t *testing.T) {
	w := newWorld(t, []client.Object{newHost(), servingDraft().sign(t, "csr-1")})
	w.unknown = errors.New("connection refused")
	if after, err := w.reconcile(t, "csr-1"); !errors.Is(err, w.unknown) || approved(after) {
		t.Errorf("got %v, %v", after.Status.Conditions, err)
	}
}
