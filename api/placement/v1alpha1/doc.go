// Package v1alpha1 is the version v1alpha1 of the API group placement.mullion.dev: questions about placement,
// asked before anything is applied. Nothing in it is stored.
//
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=dev.mullion.placement.v1alpha1
// +kubebuilder:object:generate=true
// +kubebuilder:skip
// +groupName=placement.mullion.dev
package v1alpha1
