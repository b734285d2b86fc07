// Package policyapi serves the API group placement.mullion.dev: questions about placement, answered by the
// functions that admission uses.
//
// It is an aggregated API on the generic server of k8s.io/apiserver, without a store. Only its handler is used: who
// listens, with which certificate, and how that ends is the caller's part. The generic server would end the process
// if its listener failed, and in this process admission is served.
//
// Who asks is found out as every aggregated API does: the API server says so in headers and proves by a client
// certificate that it may. What that certificate has to be is in the ConfigMap
// kube-system/extension-apiserver-authentication, which [Server.Run] follows; until it has been read nobody is known,
// and everybody is refused. What the caller may do is asked of the API server.
package policyapi
