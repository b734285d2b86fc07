package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"path/filepath"
	"time"

	certificatesv1 "k8s.io/api/certificates/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/client-go/util/certificate"
	"k8s.io/klog/v2"
)

// Names of certificate files, as the kubelet has them.
const (
	clientCertificateFile  = "kubelet-client-current.pem"
	servingCertificateFile = "kubelet-server-current.pem"
)

// pollInterval is how soon a certificate is noticed that was asked for.
const pollInterval = 100 * time.Millisecond

// bootstrap returns the node's own client configuration. Without a certificate from an earlier run it asks for one, as
// whoever the bootstrap kubeconfig is for, and waits until it has been approved. The certificate is then kept valid.
func (o *options) bootstrap(ctx context.Context) (*rest.Config, error) {
	store := &pemStore{path: filepath.Join(o.certDir, clientCertificateFile)}
	if _, err := store.Current(); err != nil {
		klog.InfoS("Asking for a client certificate", "bootstrapKubeconfig", o.bootstrapKubeconfig)
	}
	manager, err := certificate.NewManager(&certificate.Config{
		ClientsetFn: o.clientFor,
		Template: &x509.CertificateRequest{Subject: pkix.Name{
			CommonName: "system:node:" + o.nodeName, Organization: []string{"system:nodes"},
		}},
		SignerName:       certificatesv1.KubeAPIServerClientKubeletSignerName,
		GetUsages:        usages(certificatesv1.UsageClientAuth),
		CertificateStore: store,
		Ctx:              &ctx,
	})
	if err != nil {
		return nil, fmt.Errorf("managing the client certificate: %w", err)
	}
	manager.Start()
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for manager.Current() == nil {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for a client certificate: %w", context.Cause(ctx))
		}
	}
	if err := o.writeKubeconfig(store.path); err != nil {
		return nil, err
	}
	return clientcmd.BuildConfigFromFlags("", o.kubeconfig)
}

// clientFor asks for certificates: the first as the bootstrap kubeconfig says, further ones as the node.
func (o *options) clientFor(current *tls.Certificate) (kubernetes.Interface, error) {
	path := o.kubeconfig
	if current == nil {
		path = o.bootstrapKubeconfig
	}
	config, err := clientcmd.BuildConfigFromFlags("", path)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	return kubernetes.NewForConfig(config)
}

// writeKubeconfig makes the node's kubeconfig from the bootstrap one, unless there is one.
func (o *options) writeKubeconfig(certificateFile string) error {
	if _, err := clientcmd.LoadFromFile(o.kubeconfig); err == nil {
		return nil
	}
	bootstrap, err := clientcmd.BuildConfigFromFlags("", o.bootstrapKubeconfig)
	if err != nil {
		return fmt.Errorf("reading the bootstrap kubeconfig: %w", err)
	}
	const name = "default"
	err = clientcmd.WriteToFile(clientcmdapi.Config{
		Clusters: map[string]*clientcmdapi.Cluster{name: {
			Server: bootstrap.Host, CertificateAuthority: bootstrap.CAFile, CertificateAuthorityData: bootstrap.CAData,
		}},
		AuthInfos:      map[string]*clientcmdapi.AuthInfo{name: {ClientCertificate: certificateFile, ClientKey: certificateFile}},
		Contexts:       map[string]*clientcmdapi.Context{name: {Cluster: name, AuthInfo: name}},
		CurrentContext: name,
	}, o.kubeconfig)
	if err != nil {
		return fmt.Errorf("writing the kubeconfig: %w", err)
	}
	return nil
}

// usages are what a key of elliptic curves is good for, as the certificate managers of the kubelet make them.
func usages(authentication certificatesv1.KeyUsage) func(any) []certificatesv1.KeyUsage {
	return func(any) []certificatesv1.KeyUsage {
		return []certificatesv1.KeyUsage{certificatesv1.UsageDigitalSignature, authentication}
	}
}
