package servingcert

import (
	"context"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// emptyCABundles does what applying a manifest without caBundle can do.
func emptyCABundles(c *cluster) {
	c.t.Helper()
	ctx, key := context.Background(), client.ObjectKey{Name: "mullion"}
	mutating := &admissionregistrationv1.MutatingWebhookConfiguration{}
	if err := c.client.Get(ctx, key, mutating); err != nil {
		c.t.Fatal(err)
	}
	validating := &admissionregistrationv1.ValidatingWebhookConfiguration{}
	if err := c.client.Get(ctx, key, validating); err != nil {
		c.t.Fatal(err)
	}
	for i := range mutating.Webhooks {
		mutating.Webhooks[i].ClientConfig.CABundle = nil
	}
	for i := range validating.Webhooks {
		validating.Webhooks[i].ClientConfig.CABundle = nil
	}
	for _, o := range []client.Object{mutating, validating} {
		if err := c.client.Update(ctx, o); err != nil {
			c.t.Fatal(err)
		}
	}
}
