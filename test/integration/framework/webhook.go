package framework

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/utils/ptr"
)

// Operation is one step of a JSON patch.
type Operation struct {
	Op    string `json:"op"`
	Path  string `json:"path"`
	Value any    `json:"value"`
}

// GivenMutatingWebhook registers somebody else's webhook for pods created in the scene's namespace. It is
// called after ours, and patches each pod as the function says, in this process.
func (s *Scene) GivenMutatingWebhook(patch func(*corev1.Pod) []Operation) {
	s.T.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey("127.0.0.1", []net.IP{net.IPv4(127, 0, 0, 1)}, nil)
	if err != nil {
		s.T.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		s.T.Fatal(err)
	}
	server := httptest.NewUnstartedServer(patching(patch))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	s.T.Cleanup(server.Close)

	configurations := s.Kube.AdmissionregistrationV1().MutatingWebhookConfigurations()
	configuration := laterWebhook(s.Namespace, server.URL, certificate)
	if _, err := configurations.Create(s.T.Context(), configuration, metav1.CreateOptions{}); err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() {
		if err := configurations.Delete(context.Background(), configuration.Name, metav1.DeleteOptions{}); err != nil {
			s.T.Error(err)
		}
	})
	s.waitUntilCalled()
}

// laterWebhook is a configuration whose name sorts after ours, for one namespace.
func laterWebhook(namespace, url string, caBundle []byte) *admissionregistrationv1.MutatingWebhookConfiguration {
	return &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "zz-" + namespace},
		Webhooks: []admissionregistrationv1.MutatingWebhook{{
			Name:                    "injector.example.com",
			ClientConfig:            admissionregistrationv1.WebhookClientConfig{URL: &url, CABundle: caBundle},
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
			SideEffects:             ptr.To(admissionregistrationv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			}},
		}},
	}
}

// called is the annotation that the webhook leaves on a pod that asks for nothing else.
const called = "injector.example.com/called"

// patching answers admission reviews with patches. Each pod is marked as well, so that a test can see that the
// API server calls the webhook.
func patching(patch func(*corev1.Pod) []Operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		var pod corev1.Pod
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := json.Unmarshal(review.Request.Object.Raw, &pod); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		operations := []Operation{{"add", "/metadata/annotations", map[string]string{called: "true"}}}
		if pod.Annotations[called] == "" {
			operations = append(operations, patch(&pod)...)
		}
		encoded, err := json.Marshal(operations)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{
			UID: review.Request.UID, Allowed: true, Patch: encoded, PatchType: ptr.To(admissionv1.PatchTypeJSONPatch),
		}
		review.Request = nil
		_ = json.NewEncoder(w).Encode(review) // The API server complains where this goes wrong.
	})
}

// waitUntilCalled waits until the API server has noticed the configuration.
func (s *Scene) waitUntilCalled() {
	s.T.Helper()
	s.Eventually("the other webhook is called", func(ctx context.Context) (bool, error) {
		probe := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{GenerateName: "probe-"},
			Spec:       corev1.PodSpec{Containers: []corev1.Container{{Name: "probe", Image: "probe"}}},
		}
		answer, err := s.Kube.CoreV1().Pods(s.Namespace).Create(ctx, probe, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
		if err != nil {
			return false, err
		}
		return answer.Annotations[called] != "", fmt.Errorf("annotations %v", answer.Annotations)
	})
}
