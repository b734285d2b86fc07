package fleet

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// write is one that the API server was asked for; before or after is nil where there is nothing.
type write struct {
	before, after client.Object
}

// gatekeeper is a webhook that keeps chosen writes waiting, in the API server, until it is opened. One that has waited for
// as long as the API server lets it is refused.
type gatekeeper struct {
	mu sync.Mutex
	// chosen are the writes, by the name of the host that they are about.
	chosen  map[string]func(write) bool
	reached map[string]bool
	asked   bool
	opened  chan struct{}
}

// newGatekeeper makes one that keeps nothing waiting yet. It is opened when the test ends.
func (s *scene) newGatekeeper() *gatekeeper {
	s.T.Helper()
	g := &gatekeeper{chosen: map[string]func(write) bool{}, reached: map[string]bool{}, opened: make(chan struct{})}
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		s.T.Fatal(err)
	}
	server := httptest.NewUnstartedServer(g)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	s.T.Cleanup(server.Close)
	configuration := gatekeeping(s.Namespace, server.URL, certificate)
	s.create(configuration)
	s.T.Cleanup(func() {
		s.remove(configuration)
		g.open()
	})
	s.Eventually("writes come to the gatekeeper", func(ctx context.Context) (bool, error) {
		probe := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "probe"}}
		err := s.Client.Create(ctx, probe, client.DryRunAll)
		return g.isAsked(), err
	})
	return g
}

// gatekeeping has an API server ask before all that the node manager writes for hosts. Who cannot be asked refuses: no write
// is to slip through.
func gatekeeping(name, url string, authority []byte) *admissionregistrationv1.ValidatingWebhookConfiguration {
	rule := func(group, version string, operations []admissionregistrationv1.OperationType, resources ...string) admissionregistrationv1.RuleWithOperations {
		return admissionregistrationv1.RuleWithOperations{
			Operations: operations,
			Rule:       admissionregistrationv1.Rule{APIGroups: []string{group}, APIVersions: []string{version}, Resources: resources},
		}
	}
	type operations = []admissionregistrationv1.OperationType
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name:         "gatekeeper.example.com",
			ClientConfig: admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: authority},
			Rules: []admissionregistrationv1.RuleWithOperations{
				rule("mullion.dev", "v1alpha1", operations{admissionregistrationv1.Update}, "windowshosts", "windowshosts/status"),
				rule("", "v1", operations{admissionregistrationv1.Update, admissionregistrationv1.Delete}, "nodes"),
				rule("", "v1", operations{admissionregistrationv1.Create}, "secrets"),
			},
			FailurePolicy:           new(admissionregistrationv1.Fail),
			TimeoutSeconds:          new(int32(30)), // The most that there is.
			SideEffects:             new(admissionregistrationv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
		}},
	}
}

// choose keeps the writes about a host waiting that are such.
func (g *gatekeeper) choose(host string, such func(write) bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.chosen[host] = such
}

// hasReached tells whether such a write has come.
func (g *gatekeeper) hasReached(host string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.reached[host]
}

func (g *gatekeeper) isAsked() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.asked
}

// open lets every write through from now on.
func (g *gatekeeper) open() {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case <-g.opened:
	default:
		close(g.opened)
	}
}

// ServeHTTP answers one question of an API server.
func (g *gatekeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var review admissionv1.AdmissionReview
	if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	asked, err := read(review.Request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if g.keeps(asked) {
		select {
		case <-g.opened:
		case <-r.Context().Done():
		}
	}
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Allowed: true}
	review.Request = nil
	if err := json.NewEncoder(w).Encode(review); err != nil {
		return // The API server is gone.
	}
}

// keeps tells whether a write is to wait.
func (g *gatekeeper) keeps(asked write) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.asked = true
	host := hostOfWrite(asked)
	such := g.chosen[host]
	if such == nil || !such(asked) {
		return false
	}
	g.reached[host] = true
	return true
}

// hostOfWrite is the name of the host that a write is about.
func hostOfWrite(asked write) string {
	object := asked.after
	if object == nil {
		object = asked.before
	}
	if secret, is := object.(*corev1.Secret); is {
		return secret.Annotations[v1alpha1.AnnotationNode]
	}
	return object.GetName()
}

// read decodes what a request is about.
func read(request *admissionv1.AdmissionRequest) (write, error) {
	decode := func(raw []byte) (client.Object, error) {
		if len(raw) == 0 {
			return nil, nil //nolint:nilnil // Nothing is an answer.
		}
		var object client.Object
		switch request.Kind.Kind {
		case "Node":
			object = &corev1.Node{}
		case "Secret":
			object = &corev1.Secret{}
		default:
			object = &v1alpha1.WindowsHost{}
		}
		return object, json.Unmarshal(raw, object)
	}
	before, err := decode(request.OldObject.Raw)
	if err != nil {
		return write{}, err
	}
	after, err := decode(request.Object.Raw)
	return write{before, after}, err
}
