// Package joincredentials gives a host what it joins the cluster with: a bootstrap token that is its own.
//
// The token is a Secret in kube-system, as the API server's bootstrap token authenticator wants it
// (https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/). It authenticates and nothing else, as a
// member of a group that may ask for certificates and do nothing else. Which certificate it gets is not the token's to
// say: a request is approved only where it is made by exactly the user that was issued for exactly that host, see package
// nodecsr. So a token that leaks from one host cannot make its finder any other node, nor, once the host has joined and
// the token is deleted, that one.
//
// A host has at most one token that counts. Nothing is remembered but the Secret: a process that dies between making it
// and noting its user finds it again by its label. A token is for one node name; it ends within an hour, whatever happens,
// and what has ended is deleted here, because the controller that does so is off in many clusters.
package joincredentials
