package nodecsr_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"net/netip"
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

const (
	nodeUser      = "system:node:byoh-1.example.com"
	bootstrapUser = "system:bootstrap:07401b"
)

// inventory is hosts by the name of their node.
type inventory map[string]nodecsr.Host

func (i inventory) ByNodeName(name string) (nodecsr.Host, bool) {
	host, known := i[name]
	return host, known
}

// twoHosts are a host that is joining and one that has joined.
func twoHosts() inventory {
	return inventory{
		"byoh-1.example.com": {
			NodeName: "byoh-1.example.com", BootstrapUser: bootstrapUser,
			DNSNames:  []string{"win-1.corp.example.com"},
			Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::7")},
		},
		"byoh-2.example.com": {NodeName: "byoh-2.example.com", Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.8")}},
	}
}

// draft is a request before it is signed.
type draft struct {
	template x509.CertificateRequest
	request  certificatesv1.CertificateSigningRequest
}

// clientDraft is what a kubelet asks with its bootstrap credentials.
func clientDraft() *draft {
	d := &draft{}
	d.template.Subject = pkix.Name{CommonName: nodeUser, Organization: []string{"system:nodes"}}
	d.request.Spec = certificatesv1.CertificateSigningRequestSpec{
		SignerName: certificatesv1.KubeAPIServerClientKubeletSignerName,
		Username:   bootstrapUser,
		Groups:     []string{"system:bootstrappers", "system:authenticated"},
		Usages:     []certificatesv1.KeyUsage{certificatesv1.UsageClientAuth, certificatesv1.UsageDigitalSignature},
	}
	return d
}

// servingDraft is what a kubelet asks as its node.
func servingDraft() *draft {
	d := clientDraft()
	d.template.DNSNames = []string{"byoh-1.example.com"}
	d.template.IPAddresses = []net.IP{net.ParseIP("192.0.2.7")}
	d.request.Spec.SignerName = certificatesv1.KubeletServingSignerName
	d.request.Spec.Username = nodeUser
	d.request.Spec.Groups = []string{"system:nodes", "system:authenticated"}
	d.request.Spec.Usages = []certificatesv1.KeyUsage{certificatesv1.UsageServerAuth, certificatesv1.UsageDigitalSignature}
	return d
}

// sign makes the request of the draft.
func (d *draft) sign(t testing.TB) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, &d.template, key)
	if err != nil {
		t.Fatal(err)
	}
	request := d.request.DeepCopy()
	request.Spec.Request = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der})
	return request
}
