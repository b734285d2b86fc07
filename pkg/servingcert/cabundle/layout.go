package cabundle

import (
	"encoding/base64"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// webhooksLayout is that of webhook configurations: a list of webhooks, each with a name that is unique in
// the list and the key by which server-side apply merges it.
type webhooksLayout struct{}

func (webhooksLayout) read(object map[string]any) ([]endpoint, error) {
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
		name, _, err := unstructured.NestedString(webhook, "name")
		if err != nil {
			return nil, fmt.Errorf("webhooks[%d]: %w", i, err)
		}
		bundle, err := decodeBundle(webhook, "clientConfig", "caBundle")
		if err != nil {
			return nil, fmt.Errorf("webhooks[%d]: %w", i, err)
		}
		endpoints = append(endpoints, endpoint{name: name, bundle: bundle})
	}
	return endpoints, nil
}

func (webhooksLayout) write(object map[string]any, endpoints []endpoint) {
	webhooks := make([]any, 0, len(endpoints))
	for _, e := range endpoints {
		webhooks = append(webhooks, map[string]any{"name": e.name, "clientConfig": caBundle(e)})
	}
	object["webhooks"] = webhooks
}

// specLayout is that of an APIService: a single caBundle in its spec.
type specLayout struct{}

func (specLayout) read(object map[string]any) ([]endpoint, error) {
	bundle, err := decodeBundle(object, "spec", "caBundle")
	if err != nil {
		return nil, err
	}
	return []endpoint{{bundle: bundle}}, nil
}

func (specLayout) write(object map[string]any, endpoints []endpoint) {
	for _, e := range endpoints {
		object["spec"] = caBundle(e)
	}
}

func caBundle(e endpoint) map[string]any {
	return map[string]any{"caBundle": base64.StdEncoding.EncodeToString(e.bundle)}
}
