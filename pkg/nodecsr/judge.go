package nodecsr

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
)

// Judge decides about a request. It is pure.
func Judge(request *certificatesv1.CertificateSigningRequest, hosts Hosts) Verdict {
	signer, ours := signers()[request.Spec.SignerName]
	if !ours || decided(request) {
		return Verdict{}
	}
	parsed, err := parse(request.Spec.Request)
	if err != nil {
		// Nobody can tell whose it is, except by who asks.
		if host, known := hostOf(request.Spec.Username, hosts); known {
			return refuse(host.NodeName, ReasonUnreadable, err)
		}
		return Verdict{}
	}
	host, known := hostOf(parsed.Subject.CommonName, hosts)
	if !known {
		return Verdict{}
	}
	for _, check := range []struct {
		reason Reason
		holds  func(*certificatesv1.CertificateSigningRequest, *x509.CertificateRequest, *Host) error
	}{
		{ReasonSubject, checkSubject},
		{ReasonRequester, signer.checkRequester},
		{ReasonUsages, signer.checkUsages},
		{ReasonAlternativeNames, signer.checkAlternativeNames},
	} {
		if err := check.holds(request, parsed, &host); err != nil {
			return refuse(host.NodeName, check.reason, err)
		}
	}
	return Verdict{Approve: true, NodeName: host.NodeName}
}

// hostOf finds the host whose node has the user. The name is compared as a whole.
func hostOf(user string, hosts Hosts) (Host, bool) {
	name, isNode := strings.CutPrefix(user, nodeUserPrefix)
	if !isNode || name == "" {
		return Host{}, false
	}
	host, known := hosts.ByNodeName(name)
	return host, known && host.NodeName == name
}

// decided tells that somebody has approved or denied the request already, or that the signer has given up on it.
func decided(request *certificatesv1.CertificateSigningRequest) bool {
	return len(request.Status.Certificate) > 0 || len(request.Status.Conditions) > 0
}

func checkSubject(_ *certificatesv1.CertificateSigningRequest, parsed *x509.CertificateRequest, host *Host) error {
	return checkNames(parsed, nodeUserPrefix+host.NodeName)
}

// checkRequesterIsNode returns an error unless the node itself asks, with its client certificate.
func checkRequesterIsNode(request *certificatesv1.CertificateSigningRequest, host *Host) error {
	if user := nodeUserPrefix + host.NodeName; request.Spec.Username != user {
		return fmt.Errorf("it is made by %q, not by %q", request.Spec.Username, user)
	}
	if !slices.Contains(request.Spec.Groups, nodeGroup) {
		return fmt.Errorf("%q is not in the group %q", request.Spec.Username, nodeGroup)
	}
	return nil
}
