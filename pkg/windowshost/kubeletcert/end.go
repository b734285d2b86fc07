package kubeletcert

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"
)

// timeout bounds a look. A node whose port is closed to us costs its pass that much.
const timeout = 5 * time.Second

// Kubelets looks at kubelets over the network. It is safe for concurrent use.
type Kubelets struct{}

// CertificateEnd is when the certificate ends that is served at an address, a host with its port. Nothing is sent to
// whoever serves there, and nothing believed but that date: a kubelet's certificate may be of an authority that is not
// known here, and one that has ended is just what is to be found.
func (Kubelets) CertificateEnd(ctx context.Context, address string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var shown time.Time
	dialer := tls.Dialer{Config: &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // The connection is for nothing else, see above.
		VerifyConnection: func(state tls.ConnectionState) error {
			if len(state.PeerCertificates) > 0 {
				shown = state.PeerCertificates[0].NotAfter
			}
			return nil
		},
	}, NetDialer: &net.Dialer{}}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err == nil {
		err = connection.Close()
	}
	switch {
	case !shown.IsZero():
		return shown, nil // It may have wanted a certificate of ours after it showed its own.
	case err == nil:
		err = errors.New("it has shown none")
	}
	return time.Time{}, fmt.Errorf("looking at the serving certificate of %s: %w", address, err)
}
