package nodecsr_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"testing"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/keyutil"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// address is the one verified address of every host here, and dnsName its one verified name.
const (
	address = "192.0.2.7"
	dnsName = "verified.corp.example.com"
)

// host is a WindowsHost that is joining, and its token.
type host struct {
	*v1alpha1.WindowsHost
	token string
}

// givenHost makes a host that has been claimed, with a token of its own, as the reconciler of hosts does it.
func givenHost(t *testing.T, node string, change ...func(*v1alpha1.WindowsHost)) *host {
	t.Helper()
	made := &v1alpha1.WindowsHost{
		ObjectMeta: metav1.ObjectMeta{Namespace: "mullion-system", GenerateName: "host-", Finalizers: []string{v1alpha1.FinalizerHost}},
		Spec:       v1alpha1.WindowsHostSpec{Address: address, User: "Administrator"},
	}
	if err := shared.root.Create(t.Context(), made); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { release(t, made) })
	token, err := shared.issuer.Issue(t.Context(), made, node)
	if err != nil {
		t.Fatal(err)
	}
	before := made.DeepCopy()
	made.Status.Node = &v1alpha1.HostNode{Name: node, BootstrapUser: token.User, Addresses: []string{address, dnsName}}
	meta.SetStatusCondition(&made.Status.Conditions, metav1.Condition{
		Type: v1alpha1.HostConditionHostKeyVerified, Status: metav1.ConditionTrue, Reason: v1alpha1.ReasonHostKeyPinned,
	})
	for _, c := range change {
		c(made)
	}
	if err := shared.root.Status().Patch(t.Context(), made, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
	return &host{WindowsHost: made, token: token.Value}
}

// release lets go of a host, deleted or not.
func release(t *testing.T, made *v1alpha1.WindowsHost) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := shared.root.Patch(ctx, made, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":[]}}`))); err != nil {
		t.Error(err)
	}
	if err := client.IgnoreNotFound(shared.root.Delete(ctx, made)); err != nil {
		t.Error(err)
	}
}

// bootstrap is how the host reaches the API server before it is a node.
func (h *host) bootstrap() *rest.Config {
	config := rest.AnonymousClientConfig(shared.cluster.RESTConfig())
	config.BearerToken = h.token
	return config
}

// as is how a user with a client certificate does.
func as(t *testing.T, user string, groups ...string) *rest.Config {
	t.Helper()
	identity, err := shared.cluster.User(user, groups...)
	if err != nil {
		t.Fatal(err)
	}
	return identity.RESTConfig()
}

// draft is a request before it is signed and sent.
type draft struct {
	by       *rest.Config
	template x509.CertificateRequest
	spec     certificatesv1.CertificateSigningRequestSpec
}

// clientDraft is the first that the kubelet of a host asks for.
func clientDraft(h *host) *draft {
	return &draft{
		by: h.bootstrap(),
		template: x509.CertificateRequest{Subject: pkix.Name{
			CommonName: "system:node:" + h.Status.Node.Name, Organization: []string{"system:nodes"},
		}},
		spec: certificatesv1.CertificateSigningRequestSpec{
			SignerName: certificatesv1.KubeAPIServerClientKubeletSignerName,
			Usages:     []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageClientAuth},
		},
	}
}

// servingDraft is what it asks for as its node.
func servingDraft(t *testing.T, h *host) *draft {
	t.Helper()
	d := clientDraft(h)
	d.by = as(t, "system:node:"+h.Status.Node.Name, "system:nodes")
	d.template.DNSNames = []string{h.Status.Node.Name, dnsName}
	d.template.IPAddresses = []net.IP{net.ParseIP(address)}
	d.spec.SignerName = certificatesv1.KubeletServingSignerName
	d.spec.Usages = []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, certificatesv1.UsageServerAuth}
	return d
}

func (d *draft) with(change func(*draft)) *draft {
	change(d)
	return d
}

// send makes the request, and returns its name and the private key in PEM.
func (d *draft) send(t *testing.T) (name string, private []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &d.template, key)
	if err != nil {
		t.Fatal(err)
	}
	if private, err = keyutil.MarshalPrivateKeyToPEM(key); err != nil {
		t.Fatal(err)
	}
	request := &certificatesv1.CertificateSigningRequest{ObjectMeta: metav1.ObjectMeta{GenerateName: "csr-"}, Spec: d.spec}
	request.Spec.Request = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	sender, err := kubernetes.NewForConfig(d.by)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the request is taken", func(ctx context.Context) (bool, error) {
		// The API server learns of a token a moment after it was made.
		sent, err := sender.CertificatesV1().CertificateSigningRequests().Create(ctx, request, metav1.CreateOptions{})
		if err != nil {
			return false, err
		}
		name = sent.Name
		return true, nil
	})
	return name, private
}

// issued waits until a request has its certificate, and returns that with its key.
func issued(t *testing.T, name string, private []byte) (tls.Certificate, *x509.Certificate, []byte) {
	t.Helper()
	var request certificatesv1.CertificateSigningRequest
	eventually(t, "the certificate is issued", func(ctx context.Context) (bool, error) {
		err := shared.root.Get(ctx, client.ObjectKey{Name: name}, &request)
		return len(request.Status.Certificate) > 0, err
	})
	pair, err := tls.X509KeyPair(request.Status.Certificate, private)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	return pair, leaf, request.Status.Certificate
}

// eventually waits until a condition holds. An error does not end the wait.
func eventually(t *testing.T, what string, holds func(context.Context) (bool, error)) {
	t.Helper()
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), interval, patience, true, func(ctx context.Context) (bool, error) {
		ok, err := holds(ctx)
		if ctx.Err() == nil {
			last = err
		}
		return ok && err == nil, nil
	})
	if err != nil {
		t.Fatalf("waiting until %s: %v: %v", what, err, last)
	}
}

// told are the notes of the events of a host.
func told(t *testing.T, h *host) []string {
	t.Helper()
	var all eventsv1.EventList
	if err := shared.root.List(t.Context(), &all, client.InNamespace(h.Namespace)); err != nil {
		t.Fatal(err)
	}
	var notes []string
	for i := range all.Items {
		if all.Items[i].Regarding.UID == h.UID && all.Items[i].Type == corev1.EventTypeWarning {
			notes = append(notes, all.Items[i].Note)
		}
	}
	return notes
}

// soon is when a certificate must not have ended.
func soon() time.Time { return time.Now().Add(time.Minute) }
