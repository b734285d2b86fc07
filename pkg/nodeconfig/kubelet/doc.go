// Package kubelet renders the files that a kubelet on Windows reads: its configuration, the credential providers of
// registries, and the kubeconfig by which it joins a cluster.
//
// All of them are written as JSON, which the kubelet reads wherever it reads YAML: JSON has one way to compare two
// documents, so that neither the order of keys nor line endings are ever taken for drift.
package kubelet
