package main

import (
	"bytes"
	"context"
	_ "embed"
	"fmt"
	"net"
	"net/http"
	"strconv"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/retry"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// inProcessPolicy makes our edits in the API server.
//
//go:embed mutatingadmissionpolicy.yaml
var inProcessPolicy []byte

// configure makes the API server ask each contender about the pods of its namespace.
func (a *arena) configure(ctx context.Context) error {
	webhooks := a.Client.AdmissionregistrationV1().MutatingWebhookConfigurations()
	if _, err := webhooks.Create(ctx, a.noopConfiguration(), metav1.CreateOptions{}); err != nil {
		return fmt.Errorf("configuring the no-op webhook: %w", err)
	}
	if _, err := a.Cluster.Kubectl(ctx, bytes.NewReader(inProcessPolicy), "apply", "-f", "-"); err != nil {
		return fmt.Errorf("applying the in-process policy: %w", err)
	}
	return a.adaptOurs(ctx)
}

// noop decodes the review but not the pod in it, and allows.
func noop() http.Handler {
	return &admission.Webhook{Handler: admission.HandlerFunc(func(context.Context, admission.Request) admission.Response {
		return admission.Allowed("")
	})}
}

func (a *arena) noopConfiguration() *admissionregistrationv1.MutatingWebhookConfiguration {
	return &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: "noop"},
		Webhooks: []admissionregistrationv1.MutatingWebhook{{
			Name: noopWebhook,
			ClientConfig: admissionregistrationv1.WebhookClientConfig{
				URL: ptr.To(a.noop.URL()), CABundle: a.noop.Certificate(),
			},
			NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{label: "noop"}},
			Rules: []admissionregistrationv1.RuleWithOperations{{
				Operations: []admissionregistrationv1.OperationType{admissionregistrationv1.Create},
				Rule:       admissionregistrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"pods"}},
			}},
			SideEffects:             ptr.To(admissionregistrationv1.SideEffectClassNone),
			AdmissionReviewVersions: []string{"v1"},
		}},
	}
}

// adaptOurs leaves the shipped configurations as they are, but for two things. The API server calls the webhook's
// process itself: in a cluster the kernel leads it there, without a proxy between. And one namespace is not validated.
func (a *arena) adaptOurs(ctx context.Context) error {
	_, port, err := net.SplitHostPort(a.Webhook().ServingAddress())
	if err != nil {
		return fmt.Errorf("reading the webhook's address: %w", err)
	}
	number, err := strconv.ParseInt(port, 10, 32)
	if err != nil {
		return fmt.Errorf("reading the webhook's port: %w", err)
	}
	client := a.Client.AdmissionregistrationV1()
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		configuration, err := client.MutatingWebhookConfigurations().Get(ctx, "00-mullion", metav1.GetOptions{})
		if err != nil {
			return err
		}
		for i := range configuration.Webhooks {
			configuration.Webhooks[i].ClientConfig.Service.Port = ptr.To(int32(number)) //nolint:gosec // Parsed as one of 32 bits.
		}
		_, err = client.MutatingWebhookConfigurations().Update(ctx, configuration, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("adapting our mutating webhooks: %w", err)
	}
	err = retry.RetryOnConflict(retry.DefaultRetry, func() error {
		configuration, err := client.ValidatingWebhookConfigurations().Get(ctx, "mullion", metav1.GetOptions{})
		if err != nil {
			return err
		}
		for i := range configuration.Webhooks {
			webhook := &configuration.Webhooks[i]
			webhook.ClientConfig.Service.Port = ptr.To(int32(number)) //nolint:gosec // Parsed as one of 32 bits.
			webhook.NamespaceSelector.MatchExpressions = append(webhook.NamespaceSelector.MatchExpressions, metav1.LabelSelectorRequirement{
				Key: label, Operator: metav1.LabelSelectorOpNotIn, Values: []string{mutatingOnly},
			})
		}
		_, err = client.ValidatingWebhookConfigurations().Update(ctx, configuration, metav1.UpdateOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("adapting our validating webhooks: %w", err)
	}
	return nil
}
