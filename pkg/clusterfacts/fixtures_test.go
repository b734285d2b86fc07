package clusterfacts_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	clocktesting "k8s.io/utils/clock/testing"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/mullion-dev/mullion/pkg/clusterfacts"
)

// authority signs certificates of API servers.
type authority struct {
	certificate *x509.Certificate
	key         *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "cluster"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{certificate, key}
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.certificate.Raw})
}

// issue makes a certificate for the name that pods use, and for no address.
func (a *authority) issue(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &x509.Certificate{
		SerialNumber: big.NewInt(2), NotAfter: time.Now().Add(time.Hour), DNSNames: []string{"kubernetes.default.svc"},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, a.certificate, key.Public(), a.key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

// server is an API server that tells its version.
type server struct {
	*httptest.Server
	answer atomic.Pointer[string]
	asked  atomic.Int32
}

func (a *authority) serve(t *testing.T, version string) *server {
	t.Helper()
	s := &server{}
	s.says(fmt.Sprintf(`{"major":"1","minor":"x","gitVersion":%q}`, version))
	s.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.asked.Add(1)
		switch {
		case r.Header.Get("Authorization") != "Bearer the-token":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path != "/version":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = w.Write([]byte(*s.answer.Load()))
		}
	}))
	s.TLS = &tls.Config{Certificates: []tls.Certificate{a.issue(t)}, MinVersion: tls.VersionTLS12}
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

func (s *server) says(answer string) { s.answer.Store(&answer) }

// endpoint is a slice of the Service "kubernetes" with the server's address.
func (s *server) endpoint(t *testing.T, name string) client.Object {
	t.Helper()
	host, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	at := int32(number)
	return &discoveryv1.EndpointSlice{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name, Labels: map[string]string{"kubernetes.io/service-name": "kubernetes"}},
		Ports:      []discoveryv1.EndpointPort{{Port: &at}},
		Endpoints:  []discoveryv1.Endpoint{{Addresses: []string{host}}},
	}
}

// world is a cluster, of which objects are what its API has.
type world struct {
	authority *authority
	own       *server
	objects   []client.Object
	given     clusterfacts.Given
	clock     *clocktesting.FakePassiveClock
	reader    client.Reader
}

func newWorld(t *testing.T, objects ...client.Object) *world {
	t.Helper()
	a := newAuthority(t)
	return &world{
		authority: a, own: a.serve(t, "v1.37.2"), objects: objects,
		clock: clocktesting.NewFakePassiveClock(time.Now()),
	}
}

func (w *world) facts(t *testing.T) *clusterfacts.Facts {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	if w.reader == nil {
		w.reader = fake.NewClientBuilder().WithScheme(scheme).WithObjects(w.objects...).Build()
	}
	facts, err := clusterfacts.New(clusterfacts.Options{
		Reader: w.reader, Given: w.given, Clock: w.clock,
		Config: &rest.Config{
			Host: w.own.URL, BearerToken: "the-token",
			TLSClientConfig: rest.TLSClientConfig{CAData: w.authority.pem(), ServerName: "kubernetes.default.svc"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return facts
}

func namespace() client.Object {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "kube-system", UID: "the-uid"}}
}

func configMap(namespace, name, key, value string) client.Object {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Data: map[string]string{key: value}}
}

func dnsService(namespace, name string, labels map[string]string, addresses ...string) client.Object {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec:       corev1.ServiceSpec{ClusterIPs: addresses},
	}
}

func serviceCIDR(name string, cidrs ...string) client.Object {
	return &networkingv1.ServiceCIDR{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: networkingv1.ServiceCIDRSpec{CIDRs: cidrs}}
}

func openshiftConfig(kind string, content map[string]any) client.Object {
	content["apiVersion"], content["kind"] = "config.openshift.io/v1", kind
	content["metadata"] = map[string]any{"name": "cluster"}
	return &unstructured.Unstructured{Object: content}
}

const clusterInfo = `apiVersion: v1
kind: Config
clusters:
- name: ""
  cluster:
    server: https://api.cluster.example.com:6443
    certificate-authority-data: Y2EgZnJvbSBjbHVzdGVyLWluZm8=
`

const clusterConfiguration = `apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
networking:
  dnsDomain: cluster.example
  podSubnet: 10.244.0.0/16,fd00:10:244::/56
  serviceSubnet: 10.96.0.0/12
`

// kubeadmObjects are what a cluster of kubeadm has.
func kubeadmObjects() []client.Object {
	return []client.Object{
		namespace(),
		configMap("kube-public", "cluster-info", "kubeconfig", clusterInfo),
		configMap("kube-system", "kubeadm-config", "ClusterConfiguration", clusterConfiguration),
		configMap("kube-system", "kube-root-ca.crt", "ca.crt", "root ca"),
		configMap("kube-system", "extension-apiserver-authentication", "client-ca-file", "client ca"),
		dnsService("kube-system", "kube-dns", nil, "10.96.0.10", "fd00:10:96::a"),
		serviceCIDR("kubernetes", "10.96.0.0/12", "fd00:10:96::/112"),
		serviceCIDR("more", "10.200.0.0/16"),
	}
}

// errAway is what an API server that is away answers.
var errAway = errors.New("connection refused")
