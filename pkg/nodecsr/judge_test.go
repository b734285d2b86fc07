package nodecsr_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	certificatesv1 "k8s.io/api/certificates/v1"

	"github.com/mullion-dev/mullion/pkg/nodecsr"
)

func TestWhatKubeletsAskForIsApproved(t *testing.T) {
	for sentence, d := range map[string]*draft{
		"a host that joins, with its bootstrap credentials": clientDraft(),
		"a node that renews its certificate": change(clientDraft(), func(d *draft) {
			d.request.Spec.Username, d.request.Spec.Groups = nodeUser, []string{"system:nodes"}
		}),
		"a kubelet with an RSA key, which enciphers keys too": change(clientDraft(), func(d *draft) {
			d.request.Spec.Usages = append(d.request.Spec.Usages, certificatesv1.UsageKeyEncipherment)
		}),
		"a serving certificate for the node's name and address": servingDraft(),
		"a serving certificate for every name and address of the host": change(servingDraft(), func(d *draft) {
			d.template.DNSNames = []string{"win-1.corp.example.com", "BYOH-1.example.com"}
			d.template.IPAddresses = []net.IP{net.ParseIP("2001:db8::7"), net.IPv4(192, 0, 2, 7).To4()}
		}),
	} {
		t.Run(sentence, func(t *testing.T) {
			if got, want := nodecsr.Judge(d.sign(t), twoHosts()), (nodecsr.Verdict{Approve: true, NodeName: "byoh-1.example.com"}); got != want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestWhatIsNotExactlyRightIsRefusedWithTheReason(t *testing.T) {
	otherName := pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 17}, Value: []byte{0x30, 0x05, 0xa4, 0x03, 0x31, 0x01, 0x00}}
	for sentence, c := range map[string]struct {
		draft *draft
		want  string
	}{
		"another organisation":      {change(clientDraft(), organisations("system:masters")), "its subject is"},
		"a second organisation":     {change(clientDraft(), organisations("system:nodes", "system:masters")), "its subject is"},
		"no organisation":           {change(clientDraft(), organisations()), "its subject is"},
		"an organisational unit":    {change(clientDraft(), func(d *draft) { d.template.Subject.OrganizationalUnit = []string{"x"} }), "its subject is"},
		"the bootstrap credentials": {change(clientDraft(), by("system:bootstrap:ffffff")), `it is made by "system:bootstrap:ffffff"`},
		"another node asks for a client certificate": {
			change(clientDraft(), by("system:node:byoh-2.example.com", "system:nodes")), "nor by",
		},
		"another node asks for a serving certificate": {
			change(servingDraft(), by("system:node:byoh-2.example.com", "system:nodes")), `not by "system:node:byoh-1.example.com"`,
		},
		"an administrator asks in the name of the node": {change(servingDraft(), by("admin", "system:masters")), `it is made by "admin"`},
		"a user who calls himself like the node":        {change(servingDraft(), by(nodeUser, "system:authenticated")), `is not in the group "system:nodes"`},
		"bootstrap credentials ask for a serving certificate": {
			change(servingDraft(), by(bootstrapUser, "system:bootstrappers")), "it is made by",
		},
		"a client certificate that serves": {change(clientDraft(), usages("client auth", "server auth", "digital signature")), "its usages are"},
		"a serving certificate that signs": {change(servingDraft(), usages("server auth", "digital signature", "cert sign")), "its usages are"},
		"a serving certificate for a client": {
			change(servingDraft(), usages("client auth", "digital signature")), "its usages are",
		},
		"a usage twice":                        {change(clientDraft(), usages("client auth", "client auth")), "its usages are"},
		"a client certificate with a DNS name": {change(clientDraft(), dns("byoh-1.example.com")), "alternative names"},
		"a name that is part of the host's":    {change(servingDraft(), dns("e")), `the DNS name "e"`},
		"a name that the host's is part of":    {change(servingDraft(), dns("byoh-1.example.com.evil.test")), "the DNS name"},
		"a wildcard":                           {change(servingDraft(), dns("*.example.com")), "the DNS name"},
		"the API server's name":                {change(servingDraft(), dns("byoh-1.example.com", "kubernetes.default.svc")), "kubernetes.default.svc"},
		"another host's address": {
			change(servingDraft(), func(d *draft) { d.template.IPAddresses = []net.IP{net.ParseIP("192.0.2.8")} }), "the address 192.0.2.8",
		},
		"neither name nor address": {
			change(servingDraft(), func(d *draft) { d.template.IPAddresses, d.template.DNSNames = nil, nil }), "neither a DNS name nor an address",
		},
		"an e-mail address": {change(servingDraft(), func(d *draft) { d.template.EmailAddresses = []string{"a@example.com"} }), "e-mail addresses"},
		"a URI":             {change(servingDraft(), func(d *draft) { d.template.URIs = []*url.URL{{Scheme: "spiffe", Host: "x"}} }), "URIs"},
		"a name of a kind that parsers pass over": {
			change(servingDraft(), func(d *draft) {
				d.template.DNSNames, d.template.IPAddresses = nil, nil
				d.template.ExtraExtensions = []pkix.Extension{otherName}
			}), "neither DNS names nor addresses",
		},
		"an extension that makes an authority of it": {
			change(clientDraft(), func(d *draft) {
				d.template.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 19}, Value: []byte{0x30, 0x03, 0x01, 0x01, 0xff}}}
			}), "it asks for the extension 2.5.29.19",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			got := nodecsr.Judge(c.draft.sign(t), twoHosts())
			if got.Approve || got.NodeName != "byoh-1.example.com" || !strings.Contains(got.Refusal, c.want) {
				t.Errorf("got %+v, want a refusal that says %s", got, c.want)
			}
		})
	}
}

func TestWhatIsNobodysWeKnowIsLeftAloneWithoutAWord(t *testing.T) {
	for sentence, request := range map[string]*certificatesv1.CertificateSigningRequest{
		"another signer": change(clientDraft(), func(d *draft) { d.request.Spec.SignerName = "example.com/other" }).sign(t),
		"a node that is no host of ours": change(clientDraft(), func(d *draft) {
			d.template.Subject.CommonName = "system:node:linux-1"
		}).sign(t),
		"a node whose name is part of a host's": change(clientDraft(), func(d *draft) { d.template.Subject.CommonName = "system:node:e" }).sign(t),
		"a user that is no node":                change(clientDraft(), func(d *draft) { d.template.Subject.CommonName = "byoh-1.example.com" }).sign(t),
		"a node without a name":                 change(clientDraft(), func(d *draft) { d.template.Subject.CommonName = "system:node:" }).sign(t),
		"one that was approved": change(clientDraft(), func(d *draft) {
			d.request.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateApproved}}
		}).sign(t),
		"one that was denied": change(clientDraft(), func(d *draft) {
			d.request.Status.Conditions = []certificatesv1.CertificateSigningRequestCondition{{Type: certificatesv1.CertificateDenied}}
		}).sign(t),
		"one that was signed":            change(clientDraft(), func(d *draft) { d.request.Status.Certificate = []byte("x") }).sign(t),
		"garbage, by somebody not known": garbled(t, "someone", func([]byte) []byte { return []byte("?") }),
	} {
		t.Run(sentence, func(t *testing.T) {
			if got := nodecsr.Judge(request, twoHosts()); got != (nodecsr.Verdict{}) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestARequestThatCannotBeReadIsRefusedToTheNodeThatMakesIt(t *testing.T) {
	for want, garble := range map[string]func([]byte) []byte{
		"it holds no PEM block":       func([]byte) []byte { return nil },
		`its PEM block is a "SECRET"`: func([]byte) []byte { return pem.EncodeToMemory(&pem.Block{Type: "SECRET"}) },
		"something follows":           func(request []byte) []byte { return append(request, request...) },
		"has headers": func(request []byte) []byte {
			block, _ := pem.Decode(request)
			block.Headers = map[string]string{"a": "b"}
			return pem.EncodeToMemory(block)
		},
		"it cannot be parsed": func([]byte) []byte {
			return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: []byte{1}})
		},
		"its signature is wrong": func(request []byte) []byte {
			block, _ := pem.Decode(request)
			block.Bytes[len(block.Bytes)-1] ^= 1
			return pem.EncodeToMemory(block)
		},
	} {
		got := nodecsr.Judge(garbled(t, nodeUser, garble), twoHosts())
		if got.Approve || got.NodeName != "byoh-1.example.com" || !strings.Contains(got.Refusal, want) {
			t.Errorf("got %+v, want a refusal that says %s", got, want)
		}
	}
}

func TestThereIsNoCertificateForAnAddressThatIsSomebodyElsesToo(t *testing.T) {
	hosts := twoHosts()
	host := hosts["byoh-1.example.com"]
	host.Disputed = map[netip.Addr]string{netip.MustParseAddr("::ffff:192.0.2.7"): "the API server"}
	hosts["byoh-1.example.com"] = host
	got := nodecsr.Judge(servingDraft().sign(t), hosts)
	if want := "it asks for the address 192.0.2.7, which is that of the API server as well"; got.Approve || got.Refusal != want {
		t.Errorf("got %+v", got)
	}
	other := change(servingDraft(), func(d *draft) { d.template.IPAddresses = []net.IP{net.ParseIP("2001:db8::7")} })
	if got := nodecsr.Judge(other.sign(t), hosts); !got.Approve {
		t.Errorf("it is not asked for, and got %+v", got)
	}
}

func TestARefusalHasItsReasonInAWord(t *testing.T) {
	for want, request := range map[nodecsr.Reason]*certificatesv1.CertificateSigningRequest{
		nodecsr.ReasonUnreadable:       garbled(t, nodeUser, func([]byte) []byte { return nil }),
		nodecsr.ReasonSubject:          change(clientDraft(), organisations("system:masters")).sign(t),
		nodecsr.ReasonRequester:        change(clientDraft(), by("admin")).sign(t),
		nodecsr.ReasonUsages:           change(clientDraft(), usages("any")).sign(t),
		nodecsr.ReasonAlternativeNames: change(servingDraft(), dns("*")).sign(t),
	} {
		if got := nodecsr.Judge(request, twoHosts()); got.Reason != want {
			t.Errorf("got %+v, want %s", got, want)
		}
	}
}

func TestAHostWithoutBootstrapCredentialsIsNotJoinedByAnybody(t *testing.T) {
	hosts := twoHosts()
	host := hosts["byoh-1.example.com"]
	host.BootstrapUser = ""
	hosts["byoh-1.example.com"] = host
	if got := nodecsr.Judge(change(clientDraft(), by("")).sign(t), hosts); got.Approve {
		t.Error("a request by nobody was approved")
	}
}

func FuzzWhatIsApprovedIsForTheHostAlone(f *testing.F) {
	f.Add(servingDraft().sign(f).Spec.Request)
	f.Add(change(servingDraft(), dns("other.example.com")).sign(f).Spec.Request)
	f.Add([]byte("-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		request := servingDraft().request.DeepCopy()
		request.Spec.Request = raw
		if !nodecsr.Judge(request, twoHosts()).Approve {
			return
		}
		block, _ := pem.Decode(raw)
		parsed, err := x509.ParseCertificateRequest(block.Bytes)
		if err != nil || parsed.CheckSignature() != nil || parsed.Subject.CommonName != nodeUser ||
			strings.Join(parsed.DNSNames, " ") != "byoh-1.example.com" || len(parsed.IPAddresses) != 1 {
			t.Errorf("approved %q", raw)
		}
	})
}

func change(d *draft, with func(*draft)) *draft {
	with(d)
	return d
}

func organisations(names ...string) func(*draft) {
	return func(d *draft) { d.template.Subject.Organization = names }
}

func by(user string, groups ...string) func(*draft) {
	return func(d *draft) { d.request.Spec.Username, d.request.Spec.Groups = user, groups }
}

func usages(all ...certificatesv1.KeyUsage) func(*draft) {
	return func(d *draft) { d.request.Spec.Usages = all }
}

func dns(names ...string) func(*draft) {
	return func(d *draft) { d.template.DNSNames = names }
}

func garbled(t *testing.T, user string, garble func([]byte) []byte) *certificatesv1.CertificateSigningRequest {
	t.Helper()
	request := change(servingDraft(), by(user, "system:nodes")).sign(t)
	request.Spec.Request = garble(request.Spec.Request)
	return request
}

func TestThereIsNoCertificateForANameThatIsSomebodyElsesToo(t *testing.T) {
	hosts := twoHosts()
	host := hosts["byoh-1.example.com"]
	host.DisputedNames = map[string]string{"byoh-1.example.com": "the API server"}
	hosts["byoh-1.example.com"] = host
	asked := change(servingDraft(), dns("BYOH-1.example.com"))
	got := nodecsr.Judge(asked.sign(t), hosts)
	if want := `it asks for the DNS name "BYOH-1.example.com", which is that of the API server as well`; got.Approve || got.Refusal != want {
		t.Errorf("got %+v", got)
	}
	if got := nodecsr.Judge(clientDraft().sign(t), hosts); !got.Approve {
		t.Errorf("a client's certificate has no name to be reached by, and got %+v", got)
	}
}
