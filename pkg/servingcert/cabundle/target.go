package cabundle

import (
	"context"
	"encoding/base64"
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

// layout is where a kind keeps its caBundles.
type layout interface {
	// read lists them as they are.
	read(object map[string]any) ([]endpoint, error)
	// write puts them, and what identifies each, into an otherwise empty object.
	write(object map[string]any, endpoints []endpoint)
}

// endpoint is one caBundle; name tells it from the others of the same object and may be empty if there is
// only one.
type endpoint struct {
	name   string
	bundle []byte
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
	return Target{kind: kind, name: name, layout: specLayout{}}
}

func admission(kind, name string) Target {
	gvk := schema.GroupVersionKind{Group: "admissionregistration.k8s.io", Version: "v1", Kind: kind}
	return Target{kind: gvk, name: name, layout: webhooksLayout{}}
}

// String is kind and name, for errors and logs.
func (t Target) String() string { return t.kind.Kind + " " + t.name }

// read returns the object and its caBundles. An object that does not exist is nil and has none.
func (t Target) read(ctx context.Context, reader client.Reader) (*unstructured.Unstructured, []endpoint, error) {
	object := t.empty()
	err := reader.Get(ctx, client.ObjectKey{Name: t.name}, object)
	switch {
	case apierrors.IsNotFound(err):
		return nil, nil, nil
	case err != nil:
		return nil, nil, fmt.Errorf("reading %s: %w", t, err)
	}
	endpoints, err := t.layout.read(object.Object)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the caBundle of %s: %w", t, err)
	}
	return object, endpoints, nil
}

// configuration is what to apply so that the object that was read has these caBundles. It carries the
// resource version that was read, because what to keep of a caBundle was decided by looking at it.
func (t Target) configuration(read *unstructured.Unstructured, endpoints []endpoint) *unstructured.Unstructured {
	object := t.empty()
	object.SetName(t.name)
	object.SetResourceVersion(read.GetResourceVersion())
	t.layout.write(object.Object, endpoints)
	return object
}

func (t Target) empty() *unstructured.Unstructured {
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(t.kind)
	return object
}

func decodeBundle(object map[string]any, fields ...string) ([]byte, error) {
	text, _, err := unstructured.NestedString(object, fields...)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
