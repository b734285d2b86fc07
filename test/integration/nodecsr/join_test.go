package nodecsr_test

import (
	"context"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"github.com/mullion-dev/mullion/pkg/joincredentials"
)

func clientset(t *testing.T, config *rest.Config) kubernetes.Interface {
	t.Helper()
	c, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// whoAmI asks the API server.
func whoAmI(ctx context.Context, c kubernetes.Interface) (authenticationv1.UserInfo, error) {
	review, err := c.AuthenticationV1().SelfSubjectReviews().Create(ctx, &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		return authenticationv1.UserInfo{}, err
	}
	return review.Status.UserInfo, nil
}

func TestAHostBecomesItsNodeByItsOwnToken(t *testing.T) {
	h := givenHost(t, "win-joins")
	name, private := clientDraft(h).send(t)
	_, leaf, certificate := issued(t, name, private)
	if leaf.Subject.CommonName != "system:node:win-joins" || leaf.NotAfter.Before(soon()) {
		t.Errorf("the certificate is for %s until %v", leaf.Subject, leaf.NotAfter)
	}

	asNode := rest.AnonymousClientConfig(shared.cluster.RESTConfig())
	asNode.CertData, asNode.KeyData = certificate, private
	user, err := whoAmI(t.Context(), clientset(t, asNode))
	if err != nil || user.Username != "system:node:win-joins" {
		t.Fatalf("the node is %v, %v", user, err)
	}

	serving := servingDraft(t, h)
	serving.by = asNode
	name, private = serving.send(t)
	_, leaf, _ = issued(t, name, private)
	for _, known := range []string{"win-joins", dnsName, address} {
		if err := leaf.VerifyHostname(known); err != nil {
			t.Error(err)
		}
	}

	renewal := clientDraft(h)
	renewal.by = asNode
	name, private = renewal.send(t)
	issued(t, name, private)
	if notes := told(t, h); notes != nil {
		t.Errorf("the host was told %q", notes)
	}
}

func TestATokenIsGoodForNothingButAskingAndForNoLongerThanTheHostNeedsIt(t *testing.T) {
	h := givenHost(t, "win-revoked")
	c := clientset(t, h.bootstrap())
	eventually(t, "the token is known", func(ctx context.Context) (bool, error) {
		user, err := whoAmI(ctx, c)
		if err == nil && user.Username != h.Status.Node.BootstrapUser {
			t.Errorf("it is that of %s", user.Username)
		}
		return err == nil, err
	})
	for what, attempt := range map[string]func() error{
		"list Secrets": func() error {
			_, err := c.CoreV1().Secrets("kube-system").List(t.Context(), metav1.ListOptions{})
			return err
		},
		"list nodes": func() error {
			_, err := c.CoreV1().Nodes().List(t.Context(), metav1.ListOptions{})
			return err
		},
		"delete requests": func() error {
			return c.CertificatesV1().CertificateSigningRequests().Delete(t.Context(), "any", metav1.DeleteOptions{})
		},
	} {
		if err := attempt(); !apierrors.IsForbidden(err) {
			t.Errorf("it may %s: %v", what, err)
		}
	}
	if err := shared.issuer.Revoke(t.Context(), h.WindowsHost); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the token is refused", func(ctx context.Context) (bool, error) {
		_, err := whoAmI(ctx, c)
		if apierrors.IsUnauthorized(err) {
			return true, nil
		}
		return false, err
	})
}

func TestAProcessThatDiedAfterMakingATokenLeavesNoSecondOne(t *testing.T) {
	h := givenHost(t, "win-crash")
	again := &joincredentials.Issuer{Reader: shared.root, Writer: shared.root, Clock: shared.issuer.Clock}
	token, err := again.Issue(t.Context(), h.WindowsHost, "win-crash")
	if err != nil || token.Value != h.token {
		t.Errorf("another token was made, %v", err)
	}
}
