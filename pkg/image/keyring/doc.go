// Package keyring holds registry credentials and finds those that match an image.
//
// Credentials come from image pull secrets in docker's two config formats. They are matched as kubelet
// matches them (k8s.io/kubernetes/pkg/credentialprovider): an entry's host must equal the image's, each
// part between dots being a glob; the ports must be equal; the entry's path must be a prefix of the image's
// name. Every entry that matches is tried, the most specific first.
//
// Unlike kubelet, identity and registry tokens are used too, since cloud registries hand those out.
//
// Nothing in this package prints a credential: not its errors, and not its types.
package keyring
