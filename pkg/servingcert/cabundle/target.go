package cabundle

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Target is a cluster-scoped object with one or more caBundles. Make it with one of the functions below.
type Target struct {
	kind   schema.GroupVersionKind
	name   string
	layout layout
}

// MutatingWebhook is the MutatingWebhookConfiguration of that name: all of its webhooks.
func MutatingWebhook(name string) Target {
	return admission("MutatingWebhookConfiguration", name)
}

// ValidatingWebhook is the ValidatingWebhookConfiguration of that name: all of its webhooks.
func ValidatingWebhook(name string) Target {
	return admission("ValidatingWebhookConfiguration", name)
}

// APIService is the APIService of that name, such as v1alpha1.placement.mullion.dev.
func APIService(name string) Target {
	kind := schema.GroupVersionKind{Group: "apiregistration.k8s.io", Version: "v1", Kind: "APIService"}
	return Target{kind: kind, name: name, layout: specLayout}
}

func admission(kind, name string) Target {
	gvk := schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: kind}
	return Target{kind: gvk, name: name, layout: webhooksLayout}
}

// String is kind and name, for errors and logs.
func (t Target) String() string { return t.kind.Kind + " " + t.name }

// read returns the object and its caBundles. An object that does not exist is nil and has none.
func (t Target) read(ctx context.Context, reader client.Reader) (*unstructured.Unstructured, []endpoint, error) {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(t.kind)
	err := reader.Get(ctx, client.ObjectKey{Name: t.name}, object)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", t, err)
	}
	endpoints, err := t.layout(object.Object)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", t, err)
	}
	return object, endpoints, nil
}
