package policyapi

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	placementv1alpha1 "github.com/mullion-dev/mullion/api/placement/v1alpha1"
)

// newScheme has the types of the API. The generic server wants an internal version of each, between all versions
// that there are; there is one, so that it can be its own.
func newScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := placementv1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering the types of the API: %w", err)
	}
	internal := schema.GroupVersion{Group: placementv1alpha1.GroupName, Version: runtime.APIVersionInternal}
	scheme.AddKnownTypes(internal, &placementv1alpha1.PlacementReview{})
	metav1.AddToGroupVersion(scheme, schema.GroupVersion{Version: "v1"})
	scheme.AddUnversionedTypes(schema.GroupVersion{Version: "v1"},
		&metav1.Status{}, &metav1.APIVersions{}, &metav1.APIGroupList{}, &metav1.APIGroup{}, &metav1.APIResourceList{})
	return scheme, nil
}
