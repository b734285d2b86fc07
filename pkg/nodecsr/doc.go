// Package nodecsr decides which certificate signing requests of kubelets are approved.
//
// A certificate for system:node:NAME is what a node is: who has it reads that node's Secrets and answers for its pods.
// So a request is approved only where everything about it is as it has to be for a host that is known and being joined,
// or has joined: the names in the certificate compare as a whole, never in part; who asks is the identity that was
// issued for this host, or the node itself; and a serving certificate is for addresses that were verified over the
// pinned connection to the host, whatever the kubelet claims, and that nobody else is known to have.
//
// A request that is not approved is left alone, never denied: it may be somebody else's to approve, and a denial cannot
// be taken back.
//
// The rules of the two signers: https://kubernetes.io/docs/reference/access-authn-authz/certificate-signing-requests/#kubernetes-signers
package nodecsr
