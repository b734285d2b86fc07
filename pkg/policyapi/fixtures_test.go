package policyapi_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-logr/logr"
	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes/fake"
	authorizationclient "k8s.io/client-go/kubernetes/typed/authorization/v1"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/pkg/policyapi"
	"github.com/mullion-dev/mullion/pkg/policyapi/review"
)

// reviewerFunc is a reviewer made of a function.
type reviewerFunc func(context.Context, review.Question) (*review.Answer, error)

func (f reviewerFunc) Review(ctx context.Context, q review.Question) (*review.Answer, error) {
	return f(ctx, q)
}

// allowing is a reviewer that lets everything in.
func allowing() reviewerFunc {
	return func(context.Context, review.Question) (*review.Answer, error) {
		answer := &review.Answer{Name: "web"}
		answer.Status.Allowed = true
		return answer, nil
	}
}

// frontProxy is the authority by which API servers prove who they are.
type frontProxy struct {
	pem  []byte
	pair tls.Certificate
	// state is that of a connection with it.
	state *tls.ConnectionState
}

// world is a policy API that is served over TLS, and the API server that it asks.
type world struct {
	server  *policyapi.Server
	url     string
	cluster *cluster
	proxy   frontProxy
	// rights are what users may do, as "user verb resource"; everything else they may not.
	rights *rights
}

// newWorld serves the policy API until the test ends. Callers can be authenticated.
func newWorld(t testing.TB, reviewer policyapi.Reviewer, changes ...func(*policyapi.Options)) *world {
	t.Helper()
	w := newUntrustingWorld(t, reviewer, changes...)
	w.trust(t)
	return w
}

// newUntrustingWorld is the same before the API server's identity is known.
func newUntrustingWorld(t testing.TB, reviewer policyapi.Reviewer, changes ...func(*policyapi.Options)) *world {
	t.Helper()
	w := &world{proxy: newFrontProxy(t), rights: &rights{granted: map[string]bool{}}}
	w.cluster = newCluster(t, w.rights)
	options := policyapi.Options{Reviewer: reviewer, Client: w.cluster, Logger: logr.Discard()}
	for _, change := range changes {
		change(&options)
	}
	var err error
	if w.server, err = policyapi.New(options); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go w.server.Run(ctx)
	serving := httptest.NewUnstartedServer(w.server)
	serving.TLS = &tls.Config{ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	serving.StartTLS()
	t.Cleanup(serving.Close)
	w.url = serving.URL
	return w
}

// trust publishes how API servers prove who they are, and waits until that is known.
func (w *world) trust(t testing.TB) {
	t.Helper()
	config := &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "extension-apiserver-authentication"},
		Data: map[string]string{
			"client-ca-file":                     string(w.proxy.pem),
			"requestheader-client-ca-file":       string(w.proxy.pem),
			"requestheader-allowed-names":        `["front-proxy-client"]`,
			"requestheader-username-headers":     `["X-Remote-User"]`,
			"requestheader-group-headers":        `["X-Remote-Group"]`,
			"requestheader-extra-headers-prefix": `["X-Remote-Extra-"]`,
		},
	}
	if _, err := w.cluster.CoreV1().ConfigMaps(config.Namespace).Create(t.Context(), config, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "callers can be authenticated", func() bool { return w.server.Ready() == nil })
}

// cluster is a client of an API server. The authorizer does without the typed client, so that rights are asked for
// over HTTP.
type cluster struct {
	*fake.Clientset
	authorization authorizationclient.AuthorizationV1Interface
}

func newCluster(t testing.TB, rights *rights) *cluster {
	t.Helper()
	server := httptest.NewServer(rights)
	t.Cleanup(server.Close)
	client, err := authorizationclient.NewForConfig(&rest.Config{Host: server.URL, QPS: -1})
	if err != nil {
		t.Fatal(err)
	}
	return &cluster{Clientset: fake.NewClientset(), authorization: client}
}

func (c *cluster) AuthorizationV1() authorizationclient.AuthorizationV1Interface {
	return c.authorization
}

// rights answer SubjectAccessReviews. Safe for concurrent use.
type rights struct {
	mu      sync.Mutex
	granted map[string]bool
}

func (r *rights) grant(right string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.granted[right] = true
}

func (r *rights) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	var asked authorizationv1.SubjectAccessReview
	if err := json.NewDecoder(request.Body).Decode(&asked); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if a := asked.Spec.ResourceAttributes; a != nil {
		asked.Status.Allowed = r.granted[strings.Join([]string{asked.Spec.User, a.Verb, a.Resource}, " ")]
	}
	asked.APIVersion, asked.Kind = "authorization.k8s.io/v1", "SubjectAccessReview"
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(asked) //nolint:errchkjson // Nobody reads any more if it fails.
}

// ask makes a request that the API server forwards for a user.
func (w *world) ask(t *testing.T, user, method, path, body string, groups ...string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	return w.send(t, request, user, groups...)
}

// send sends a request that the API server forwards for a user.
func (w *world) send(t *testing.T, request *http.Request, user string, groups ...string) *http.Response {
	t.Helper()
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Remote-User", user)
	for _, group := range groups {
		request.Header.Add("X-Remote-Group", group)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true,
		Certificates:       []tls.Certificate{w.proxy.pair},
	}}
	t.Cleanup(transport.CloseIdleConnections)
	response, err := (&http.Client{Transport: transport, Timeout: 30 * time.Second}).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

const reviewsPath = "/apis/placement.mullion.dev/v1alpha1/namespaces/shop/placementreviews"

// reviewOf is a review of an object.
func reviewOf(object string) string {
	return `{"apiVersion":"placement.mullion.dev/v1alpha1","kind":"PlacementReview","metadata":{"namespace":"shop"},"spec":{"object":` + object + `}}`
}

// create creates a review as a user who may.
func (w *world) create(t *testing.T, query, body string) *http.Response {
	t.Helper()
	w.rights.grant("ann create placementreviews")
	return w.ask(t, "ann", http.MethodPost, reviewsPath+query, body)
}

func decode[T any](t *testing.T, response *http.Response) T {
	t.Helper()
	var value T
	if err := json.NewDecoder(response.Body).Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func newFrontProxy(t testing.TB) frontProxy {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	// One certificate is authority and client at once.
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "front-proxy-client"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return frontProxy{
		state: &tls.ConnectionState{PeerCertificates: []*x509.Certificate{leaf}},
		pem:   pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}),
		pair:  tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key},
	}
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("waiting until %s: it did not happen in time", what)
		}
	}
}

var (
	errSomething = errors.New("something")
	errNamespace = apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "shop")
)
