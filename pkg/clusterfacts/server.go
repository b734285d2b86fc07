package clusterfacts

import (
	"cmp"
	"context"
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// findServer finds the URL by which nodes reach the API server. That by which it is reached from here may be the address
// of a Service, which nobody reaches on a host before kube-proxy runs there.
func (g *gathering) findServer() error {
	g.found.Server = cmp.Or(g.given.Server, g.info.server)
	if g.found.Server == "" && g.openshift != nil {
		g.found.Server = g.openshift.server
	}
	if g.found.Server == "" {
		return errors.New("nothing tells by which URL nodes reach the API server: there is no ConfigMap kube-public/cluster-info " +
			"that has it; give it with --cluster-server")
	}
	return nil
}

// findAuthority finds the authorities of the API server's certificates.
func (g *gathering) findAuthority(ctx context.Context) error {
	if g.found.Authority = g.given.Authority; len(g.found.Authority) > 0 {
		return nil
	}
	if g.found.Authority = g.info.authority; len(g.found.Authority) > 0 {
		return nil
	}
	// Every namespace has it, for pods.
	text, err := g.findConfigMap(ctx, metav1.NamespaceSystem, "kube-root-ca.crt", "ca.crt")
	if err == nil && text == "" {
		err = errors.New("nothing tells the authority of the API server's certificate: there is no ConfigMap " +
			"kube-system/kube-root-ca.crt with ca.crt; give it with --cluster-authority")
	}
	g.found.Authority = []byte(text)
	return err
}

// findClientAuthority finds the authorities of those who may use kubelets.
func (g *gathering) findClientAuthority(ctx context.Context) error {
	if g.found.ClientAuthority = g.given.ClientAuthority; len(g.found.ClientAuthority) > 0 {
		return nil
	}
	// Where API servers tell others which clients they know by certificate.
	text, err := g.findConfigMap(ctx, metav1.NamespaceSystem, "extension-apiserver-authentication", "client-ca-file")
	if err == nil && text == "" {
		err = errors.New("nothing tells the authority of kubelets' clients: there is no ConfigMap " +
			"kube-system/extension-apiserver-authentication with client-ca-file; give it with --cluster-client-authority")
	}
	g.found.ClientAuthority = []byte(text)
	return err
}
