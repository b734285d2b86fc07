package cabundle

import (
	"encoding/base64"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// endpoint is one caBundle of an object: where it is, as an RFC 6901 pointer, and what it holds.
type endpoint struct {
	pointer string
	bundle  []byte
}

// layout lists the caBundles of an object of one kind.
type layout func(object map[string]any) ([]endpoint, error)

// webhooksLayout is that of webhook configurations: one caBundle in each webhook.
func webhooksLayout(object map[string]any) ([]endpoint, error) {
	webhooks, _, err := unstructured.NestedSlice(object, "webhooks")
	if err != nil {
		return nil, err
	}
	endpoints := make([]endpoint, 0, len(webhooks))
	for i, item := range webhooks {
		webhook, ok := item.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("webhooks[%d] is not an object", i)
		}
		bundle, err := decodeBundle(webhook, "clientConfig", "caBundle")
		if err != nil {
			return nil, fmt.Errorf("webhooks[%d]: %w", i, err)
		}
		endpoints = append(endpoints, endpoint{pointer: fmt.Sprintf("/webhooks/%d/clientConfig/caBundle", i), bundle: bundle})
	}
	return endpoints, nil
}

// specLayout is that of an APIService: a single caBundle in its spec.
func specLayout(object map[string]any) ([]endpoint, error) {
	bundle, err := decodeBundle(object, "spec", "caBundle")
	if err != nil {
		return nil, err
	}
	return []endpoint{{pointer: "/spec/caBundle", bundle: bundle}}, nil
}

func decodeBundle(object map[string]any, fields ...string) ([]byte, error) {
	text, _, err := unstructured.NestedString(object, fields...)
	if err != nil {
		return nil, err
	}
	bundle, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil, fmt.Errorf("decoding caBundle: %w", err)
	}
	return bundle, nil
}
