package windowshost

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// requestMemory is how long the controller manager keeps requests that were fulfilled.
// Source: kubernetes, pkg/controller/certificates/cleaner.
const requestMemory = time.Hour

// registrationLag is how much earlier than its node a request may be. A kubelet asks as soon as it knows its addresses, while
// it registers, and one that cannot register at once tries again. It does not ask again, so such a request must count.
const registrationLag = time.Minute

// certificate is what is known of a node's serving certificate.
type certificate struct {
	issued bool
	// until is when it ends; zero where that is not known.
	until time.Time
	// message says what is missing.
	message string
}

// servingCertificate finds out whether the kubelet of a node can serve, by its requests: it serves as soon as one was
// fulfilled. A node older than such requests are kept has got its certificate, unless one of them is still open.
func servingCertificate(ctx context.Context, reader client.Reader, node *corev1.Node, now time.Time) (certificate, error) {
	var requests certificatesv1.CertificateSigningRequestList
	if err := reader.List(ctx, &requests); err != nil {
		return certificate{}, fmt.Errorf("listing certificate signing requests: %w", err)
	}
	newest := certificate{message: fmt.Sprintf("Waits for the kubelet of node %s to ask for its serving certificate.", node.Name)}
	open := false
	for i := range requests.Items {
		request := &requests.Items[i]
		if request.Spec.SignerName != certificatesv1.KubeletServingSignerName || request.Spec.Username != "system:node:"+node.Name {
			continue
		}
		if node.CreationTimestamp.Sub(request.CreationTimestamp.Time) > registrationLag {
			continue // It was for a node of that name before this one.
		}
		if len(request.Status.Certificate) == 0 {
			open = true
			newest.message = fmt.Sprintf("Waits for certificate signing request %s to be approved and signed.", request.Name)
			continue
		}
		if until := endOf(request.Status.Certificate); !newest.issued || until.After(newest.until) {
			newest.issued, newest.until = true, until
		}
	}
	if !open && now.Sub(node.CreationTimestamp.Time) > requestMemory {
		newest.issued = true
	}
	return newest, nil
}

// endOf is when the first certificate in PEM ends; zero where there is none that can be read.
func endOf(chain []byte) time.Time {
	block, _ := pem.Decode(chain)
	if block == nil {
		return time.Time{}
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		return time.Time{}
	}
	return leaf.NotAfter
}
