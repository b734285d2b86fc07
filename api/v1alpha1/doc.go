// Package v1alpha1 is the version v1alpha1 of the API group mullion.dev: what an administrator writes
// about the Windows builds of a cluster, and the names that users, nodes and controllers share.
//
// +k8s:openapi-gen=true
// +k8s:openapi-model-package=dev.mullion.v1alpha1
// +kubebuilder:object:generate=true
// +groupName=mullion.dev
package v1alpha1
