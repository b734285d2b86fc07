package outage_test

import (
	"context"
	"crypto/tls"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mullion-dev/mullion/test/install"
)

const caSecret = "mullion-webhook-ca"

func TestACABundleThatSomebodyEmptiedIsFilledAgain(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	configurations := shared.Kube.AdmissionregistrationV1().ValidatingWebhookConfigurations()
	configuration, err := configurations.Get(t.Context(), "mullion", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for i := range configuration.Webhooks {
		configuration.Webhooks[i].ClientConfig.CABundle = nil
	}
	if _, err := configurations.Update(t.Context(), configuration, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.Eventually("the caBundle is back", func(context.Context) (bool, error) { return caBundle(t) != "", nil })
	scene.Eventually("the webhook is trusted again", func(context.Context) (bool, error) {
		_, err := scene.DryRun(scene.Pod(shared.Image(core2022)))
		return err == nil, err
	})
}

// This test comes last: replicas that start while a caBundle holds an earlier authority as well wait for half a minute,
// and it does so for a week.
func TestADeletedServingSecretHealsWithoutARestartAndWithoutAFailedPod(t *testing.T) {
	scene := shared.NewScene(t)
	scene.GivenBuilds(ws2022)
	secrets := shared.Kube.CoreV1().Secrets(install.Namespace)
	old, err := secrets.Get(t.Context(), caSecret, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	trusted := caBundle(t)
	webhooks := processes(shared.Mullion.Webhooks)
	issuers := map[string]string{}
	for _, replica := range shared.Mullion.Webhooks {
		issuers[replica.Name()] = issuer(t, replica)
	}
	pods := startStream(scene)
	pods.waitFor(scene, 20)

	if err := secrets.Delete(t.Context(), caSecret, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	scene.Eventually("there is a Secret again", func(ctx context.Context) (bool, error) {
		made, err := secrets.Get(ctx, caSecret, metav1.GetOptions{})
		return err == nil && made.UID != old.UID, err
	})
	scene.Eventually("the API server is told to trust the new authority", func(context.Context) (bool, error) {
		return caBundle(t) != trusted, nil
	})
	// Half a minute later, so that every API server has noticed.
	for _, replica := range shared.Mullion.Webhooks {
		scene.Eventually(replica.Name()+" serves a certificate of the new authority", func(context.Context) (bool, error) {
			return issuer(t, replica) != issuers[replica.Name()], nil
		})
	}
	pods.waitFor(scene, 50)
	pods.end(t)
	if after := processes(shared.Mullion.Webhooks); after != webhooks {
		t.Errorf("the webhooks' processes were %v and are %v", webhooks, after)
	}
}

// caBundle is what the API server trusts the validating webhook by.
func caBundle(t *testing.T) string {
	t.Helper()
	configuration, err := shared.Kube.AdmissionregistrationV1().ValidatingWebhookConfigurations().
		Get(t.Context(), "mullion", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return string(configuration.Webhooks[0].ClientConfig.CABundle)
}

// issuer is who signed the certificate that a replica serves now.
func issuer(t *testing.T, replica *install.Program) string {
	t.Helper()
	dialer := &tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true}}
	connection, err := dialer.DialContext(t.Context(), "tcp", replica.ServingAddress())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = connection.Close() }()
	return connection.(*tls.Conn).ConnectionState().PeerCertificates[0].Issuer.CommonName
}
