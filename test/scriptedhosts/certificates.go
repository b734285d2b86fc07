package scriptedhosts

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/certificate/csr"

	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// Names of files, as the kubelet has them.
const (
	clientFile  = "kubelet-client-current.pem"
	servingFile = "kubelet-server-current.pem"
)

// identity is a client of the API server, with connections of its own.
type identity struct {
	client *kubernetes.Clientset
	http   *http.Client
}

func (i *identity) close() { i.http.CloseIdleConnections() }

func newIdentity(config *rest.Config) (*identity, error) {
	config.QPS = -1 // What a host asks for is little; what a fleet does is what tests are about.
	config.ContentType, config.AcceptContentTypes = "application/vnd.kubernetes.protobuf", "application/vnd.kubernetes.protobuf,application/json"
	var i identity
	var err error
	if i.http, err = rest.HTTPClientFor(config); err != nil {
		return nil, fmt.Errorf("making a client: %w", err)
	}
	i.client, err = kubernetes.NewForConfigAndClient(config, i.http)
	return &i, err
}

// identity is the node's own, from an earlier run or by the bootstrap kubeconfig.
func (k *kubelet) identity(ctx context.Context) (*identity, error) {
	path := k.certificates.Join(clientFile)
	pair, joined := k.host.Machine.ReadFile(path)
	if _, there := k.host.Machine.ReadFile(k.kubeconfig); !joined || !there {
		var err error
		if pair, err = k.join(ctx); err != nil {
			return nil, err
		}
		k.host.Machine.WriteFile(path, pair)
	}
	cluster, err := k.cluster(k.kubeconfig)
	if err != nil {
		return nil, err
	}
	return newIdentity(&rest.Config{
		Host:            cluster.Server,
		TLSClientConfig: rest.TLSClientConfig{CAData: cluster.CertificateAuthorityData, CertData: []byte(pair), KeyData: []byte(pair)},
	})
}

// join asks for the first certificate, as whoever the bootstrap kubeconfig is for, and writes the kubeconfig.
func (k *kubelet) join(ctx context.Context) (pair string, err error) {
	text, err := k.file(k.bootstrap)
	if err != nil {
		return "", err
	}
	config, err := clientcmd.RESTConfigFromKubeConfig([]byte(text))
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", k.bootstrap, err)
	}
	bootstrap, err := newIdentity(config)
	if err != nil {
		return "", err
	}
	defer bootstrap.close()
	pair, err = request(ctx, bootstrap.client, certificatesv1.KubeAPIServerClientKubeletSignerName, certificatesv1.UsageClientAuth,
		&x509.CertificateRequest{Subject: k.subject()})
	if err != nil {
		return "", err
	}
	return pair, k.writeKubeconfig()
}

// requestServing asks for the certificate to serve with.
func (k *kubelet) requestServing(ctx context.Context, client kubernetes.Interface) (pair string, err error) {
	return request(ctx, client, certificatesv1.KubeletServingSignerName, certificatesv1.UsageServerAuth, &x509.CertificateRequest{
		Subject: k.subject(), DNSNames: []string{k.name}, IPAddresses: []net.IP{k.address.AsSlice()},
	})
}

func (k *kubelet) subject() pkix.Name {
	return pkix.Name{CommonName: "system:node:" + k.name, Organization: []string{"system:nodes"}}
}

// request asks for a certificate, and waits until it was issued. It returns the certificate and its key.
func request(
	ctx context.Context, client kubernetes.Interface, signer string, purpose certificatesv1.KeyUsage, template *x509.CertificateRequest,
) (pair string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", fmt.Errorf("making a key: %w", err)
	}
	encoded, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("encoding a key: %w", err)
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return "", fmt.Errorf("making a certificate signing request: %w", err)
	}
	usages := []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, purpose}
	name, uid, err := csr.RequestCertificateWithContext(ctx, client, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), "", signer, nil, usages, key)
	if err != nil {
		return "", fmt.Errorf("asking for a certificate: %w", err)
	}
	certificate, err := csr.WaitForCertificate(ctx, client, name, uid)
	if err != nil {
		return "", fmt.Errorf("waiting for certificate signing request %s: %w", name, err)
	}
	return string(certificate) + string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: encoded})), nil
}

// cluster is the only one of a kubeconfig of the host.
func (k *kubelet) cluster(path winpath.Path) (*clientcmdapi.Cluster, error) {
	text, err := k.file(path)
	if err != nil {
		return nil, err
	}
	config, err := clientcmd.Load([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	for _, cluster := range config.Clusters {
		return cluster, nil
	}
	return nil, fmt.Errorf("reading %s: it names no cluster", path)
}

// writeKubeconfig writes the node's own kubeconfig, which leads to where the bootstrap one does.
func (k *kubelet) writeKubeconfig() error {
	cluster, err := k.cluster(k.bootstrap)
	if err != nil {
		return err
	}
	certificate := k.certificates.Join(clientFile).String()
	text, err := clientcmd.Write(clientcmdapi.Config{
		Clusters:       map[string]*clientcmdapi.Cluster{serviceName: cluster},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{serviceName: {ClientCertificate: certificate, ClientKey: certificate}},
		Contexts:       map[string]*clientcmdapi.Context{serviceName: {Cluster: serviceName, AuthInfo: serviceName}},
		CurrentContext: serviceName,
	})
	if err != nil {
		return fmt.Errorf("writing %s: %w", k.kubeconfig, err)
	}
	k.host.Machine.WriteFile(k.kubeconfig, string(text))
	return nil
}
