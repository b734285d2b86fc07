package nodecsr

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"

	certificatesv1 "k8s.io/api/certificates/v1"
)

// signer is what a request to one signer has to be like.
type signer struct {
	// purpose is the usage that makes the certificate what it is.
	purpose               certificatesv1.KeyUsage
	checkRequester        func(*certificatesv1.CertificateSigningRequest, *x509.CertificateRequest, *Host) error
	checkAlternativeNames func(*certificatesv1.CertificateSigningRequest, *x509.CertificateRequest, *Host) error
}

// signers are the signers of kubelets' certificates.
func signers() map[string]signer {
	return map[string]signer{
		certificatesv1.KubeAPIServerClientKubeletSignerName: {
			purpose:               certificatesv1.UsageClientAuth,
			checkRequester:        checkClientRequester,
			checkAlternativeNames: checkNoAlternativeNames,
		},
		certificatesv1.KubeletServingSignerName: {
			purpose:               certificatesv1.UsageServerAuth,
			checkRequester:        checkServingRequester,
			checkAlternativeNames: checkVerifiedAlternativeNames,
		},
	}
}

// checkUsages returns an error unless the usages are those of the purpose. Key encipherment goes with RSA keys and may
// be left out.
func (s signer) checkUsages(request *certificatesv1.CertificateSigningRequest, _ *x509.CertificateRequest, _ *Host) error {
	without := []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, s.purpose}
	with := append(slices.Clone(without), certificatesv1.UsageKeyEncipherment)
	usages := slices.Sorted(slices.Values(request.Spec.Usages))
	if !slices.Equal(usages, slices.Sorted(slices.Values(without))) && !slices.Equal(usages, slices.Sorted(slices.Values(with))) {
		return fmt.Errorf("its usages are %q, not %q, with or without %q", usages, without, certificatesv1.UsageKeyEncipherment)
	}
	return nil
}

// checkClientRequester lets the host ask with its bootstrap credentials, and its node for a renewal.
func checkClientRequester(request *certificatesv1.CertificateSigningRequest, _ *x509.CertificateRequest, host *Host) error {
	if host.BootstrapUser != "" && request.Spec.Username == host.BootstrapUser {
		return nil
	}
	err := checkRequesterIsNode(request, host)
	if err != nil && host.BootstrapUser != "" {
		return fmt.Errorf("%w, nor by %q, as whom the host was told to ask", err, host.BootstrapUser)
	}
	return err
}

func checkServingRequester(request *certificatesv1.CertificateSigningRequest, _ *x509.CertificateRequest, host *Host) error {
	return checkRequesterIsNode(request, host)
}

func checkNoAlternativeNames(_ *certificatesv1.CertificateSigningRequest, parsed *x509.CertificateRequest, _ *Host) error {
	if len(parsed.DNSNames)+len(parsed.IPAddresses)+len(parsed.EmailAddresses)+len(parsed.URIs) > 0 || len(parsed.Extensions) > 0 {
		return errors.New("it asks for alternative names, which a client's certificate has none of")
	}
	return nil
}

// checkVerifiedAlternativeNames returns an error unless there are alternative names, and all of them are known of the host.
func checkVerifiedAlternativeNames(_ *certificatesv1.CertificateSigningRequest, parsed *x509.CertificateRequest, host *Host) error {
	if len(parsed.EmailAddresses)+len(parsed.URIs) > 0 {
		return errors.New("it asks for e-mail addresses or URIs, which a kubelet has none of")
	}
	if len(parsed.DNSNames)+len(parsed.IPAddresses) == 0 {
		return errors.New("it asks for neither a DNS name nor an address")
	}
	for _, name := range parsed.DNSNames {
		if !host.hasName(name) {
			return fmt.Errorf("it asks for the DNS name %q, which is not known to be the host's", name)
		}
		if owner := host.DisputedNames[strings.ToLower(name)]; owner != "" {
			return fmt.Errorf("it asks for the DNS name %q, which is that of %s as well", name, owner)
		}
	}
	for _, ip := range parsed.IPAddresses {
		if !host.hasAddress(ip) {
			return fmt.Errorf("it asks for the address %s, which is not known to be the host's", ip)
		}
		if owner := host.disputedWith(ip); owner != "" {
			return fmt.Errorf("it asks for the address %s, which is that of %s as well", ip, owner)
		}
	}
	return nil
}

// hasName compares as DNS does, without regard to case.
func (h *Host) hasName(name string) bool {
	return strings.EqualFold(name, h.NodeName) ||
		slices.ContainsFunc(h.DNSNames, func(known string) bool { return strings.EqualFold(name, known) })
}

// hasAddress takes an IPv4 address for the same in either of its two forms.
func (h *Host) hasAddress(ip net.IP) bool {
	address, ok := netip.AddrFromSlice(ip)
	return ok && slices.ContainsFunc(h.Addresses, func(known netip.Addr) bool { return known.Unmap() == address.Unmap() })
}

// disputedWith is who else has an address; empty where nobody has.
func (h *Host) disputedWith(ip net.IP) string {
	address, _ := netip.AddrFromSlice(ip)
	for disputed, owner := range h.Disputed {
		if disputed.Unmap() == address.Unmap() {
			return owner
		}
	}
	return ""
}
