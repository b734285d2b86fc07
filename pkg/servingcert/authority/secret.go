package authority

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// The keys of the Secret. The first three are the shape that Kubernetes, cert-manager and their tools know:
// a certificate, its key, and what to trust. The others exist while a CA is being renewed.
const (
	keyCertificate     = corev1.TLSCertKey
	keyPrivate         = corev1.TLSPrivateKeyKey
	keyTrusted         = "ca.crt"
	keyNextCertificate = "next.crt"
	keyNextPrivate     = "next.key"
)

// AnnotationRetireAfter holds [State.RetireAfter] in RFC 3339.
const AnnotationRetireAfter = "mullion.dev/retire-previous-ca-after"

// ErrNoCertificates means that a Secret names no CA to trust.
var ErrNoCertificates = errors.New("no CA certificate in " + keyTrusted)

// WriteTo puts the state into a Secret and leaves everything else of it alone.
func (s *State) WriteTo(secret *corev1.Secret) error {
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	if err := writePair(secret.Data, keyCertificate, keyPrivate, s.Signing); err != nil {
		return err
	}
	if err := writePair(secret.Data, keyNextCertificate, keyNextPrivate, s.Next); err != nil {
		return err
	}
	secret.Data[keyTrusted] = s.Trusted().PEM()
	delete(secret.Annotations, AnnotationRetireAfter)
	if !s.RetireAfter.IsZero() {
		secret.Annotations[AnnotationRetireAfter] = s.RetireAfter.UTC().Format(time.RFC3339)
	}
	return nil
}

// Decode reads the state from a Secret. A Secret without any of the keys holds no authority: nil and no
// error. Anything that is present must be right, all of it: an authority that somebody half overwrote is
// not one to sign with. The error never quotes the Secret's contents.
func Decode(secret *corev1.Secret) (*State, error) {
	data := secret.Data
	if len(data[keyCertificate])+len(data[keyPrivate])+len(data[keyTrusted]) == 0 {
		return nil, nil
	}
	signing, err := readPair(data, keyCertificate, keyPrivate)
	if err != nil {
		return nil, err
	}
	state := &State{Signing: signing, RetireAfter: retireAfter(secret)}
	if len(data[keyNextCertificate])+len(data[keyNextPrivate]) > 0 {
		if state.Next, err = readPair(data, keyNextCertificate, keyNextPrivate); err != nil {
			return nil, err
		}
	}
	trusted := ParseBundle(data[keyTrusted])
	for _, c := range state.Trusted() {
		if !trusted.Contains(c) {
			return nil, fmt.Errorf("%s does not hold the certificates of %s and %s", keyTrusted, keyCertificate, keyNextCertificate)
		}
	}
	return state, nil
}

// DecodeTrusted reads only the public part of a Secret: which CAs to trust, and [State.RetireAfter].
func DecodeTrusted(secret *corev1.Secret) (Bundle, time.Time, error) {
	bundle := ParseBundle(secret.Data[keyTrusted])
	if len(bundle) == 0 {
		return nil, time.Time{}, ErrNoCertificates
	}
	return bundle, retireAfter(secret), nil
}

func retireAfter(secret *corev1.Secret) time.Time {
	t, err := time.Parse(time.RFC3339, secret.Annotations[AnnotationRetireAfter])
	if err != nil {
		return time.Time{} // not known: the CAs before this one stay trusted
	}
	return t
}

func writePair(data map[string][]byte, certificate, private string, ca *CA) error {
	if ca == nil {
		delete(data, certificate)
		delete(data, private)
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(ca.key)
	if err != nil {
		return fmt.Errorf("encoding %s: %w", private, err)
	}
	data[certificate] = Bundle{ca.Certificate}.PEM()
	data[private] = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return nil
}

func readPair(data map[string][]byte, certificate, private string) (*CA, error) {
	pair, err := tls.X509KeyPair(data[certificate], data[private])
	if err != nil {
		return nil, fmt.Errorf("decoding %s and %s: %w", certificate, private, err)
	}
	c, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, fmt.Errorf("decoding %s: %w", certificate, err)
	}
	if !c.BasicConstraintsValid || !c.IsCA {
		return nil, fmt.Errorf("%s is not a CA certificate", certificate)
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		return nil, fmt.Errorf("%s may not sign certificates", certificate)
	}
	// A self-signed CA is all that a caBundle can express without its parents.
	if !bytes.Equal(c.RawSubject, c.RawIssuer) {
		return nil, fmt.Errorf("%s is not self-signed", certificate)
	}
	signer, ok := pair.PrivateKey.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("%s cannot sign", private)
	}
	return &CA{Certificate: c, key: signer}, nil
}
