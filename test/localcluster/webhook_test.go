package localcluster_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	"k8s.io/utils/ptr"
)

const refusal = "refused by the webhook of this test"

// refusingWebhook serves HTTPS for a Service and refuses everything, with an audit annotation. It returns its
// port and the certificate that the API server must trust.
func refusingWebhook(t *testing.T, namespace, service string) (port int32, caBundle []byte) {
	t.Helper()
	server, caBundle := startTLS(t, service+"."+namespace+".svc", func(w http.ResponseWriter, r *http.Request) {
		var review admissionv1.AdmissionReview
		if err := json.NewDecoder(r.Body).Decode(&review); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		review.Response = &admissionv1.AdmissionResponse{
			UID:              review.Request.UID,
			Result:           &metav1.Status{Message: refusal},
			AuditAnnotations: map[string]string{"verdict": "refused"},
		}
		review.Request = nil
		if err := json.NewEncoder(w).Encode(review); err != nil {
			t.Error(err)
		}
	})
	return server, caBundle
}

// startTLS serves HTTPS on loopback under a name until the test ends.
func startTLS(t *testing.T, name string, handler http.HandlerFunc) (port int32, caBundle []byte) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(name, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(handler)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequestClientCert, MinVersion: tls.VersionTLS12}
	server.StartTLS()
	t.Cleanup(server.Close)
	address, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.ParseInt(address.Port(), 10, 32)
	if err != nil {
		t.Fatal(err)
	}
	return int32(number), certificate
}

func TestTheAPIServerCallsWebhooksThroughServicesRoutedToLoopback(t *testing.T) {
	t.Parallel()
	ctx := testContext(t)
	client := adminClient(t, shared)
	namespace := newNamespace(ctx, t, client)

	// As shipped: a Service with a cluster address and a selector, which leads nowhere here.
	_, err := client.CoreV1().Services(namespace).Create(ctx, &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{Name: "webhook"},
		Spec: corev1.ServiceSpec{
			Selector: map[string]string{"app": "webhook"},
			Ports:    []corev1.ServicePort{{Port: 443}},
		},
	}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, service := range []string{"webhook", "not-there-yet"} {
		if err := shared.RouteServiceToLoopback(ctx, namespace, service); err != nil {
			t.Fatal(err)
		}
	}

	for _, service := range []string{"webhook", "not-there-yet"} {
		port, caBundle := refusingWebhook(t, namespace, service)
		configuration := validatingWebhook(namespace, service, port, caBundle)
		webhooks := client.AdmissionregistrationV1().ValidatingWebhookConfigurations()
		if _, err := webhooks.Create(ctx, configuration, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
		eventually(ctx, t, "the webhook of service "+service+" refuses a pod", func(ctx context.Context) (bool, error) {
			_, err := client.CoreV1().Pods(namespace).Create(ctx, newPod("refused", nil), metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
			return err != nil && strings.Contains(err.Error(), refusal), nil
		})
		if err := webhooks.Delete(ctx, configuration.Name, metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}

	events, err := shared.AuditEvents()
	if err != nil {
		t.Fatal(err)
	}
	for _, event := range events {
		if event.ObjectRef.Namespace == namespace && event.Annotations["webhook.mullion.test/verdict"] == "refused" {
			return
		}
	}
	t.Error("no audit event has the webhook's annotation")
}

func validatingWebhook(namespace, service string, port int32, caBundle []byte) *admissionregistrationv1.ValidatingWebhookConfiguration {
	return &admissionregistrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: namespace + "-" + service},
		Webhooks: []admissionregistrationv1.ValidatingWebhook{{
			Name: "webhook.mullion.test",
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				Service:  &admissionregistrationv1.ServiceReference{Namespace: namespace, Name: service, Port: &port},
				CABundle: caBundle,
			},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: namespace}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			}},
			SideEffects:             ptr.To(admissionregistrationv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
		}},
	}
}
