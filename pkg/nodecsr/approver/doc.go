// Package approver approves the certificate signing requests of kubelets on hosts that are ours, as package nodecsr
// judges them.
//
// What is known of hosts is their WindowsHosts' status, and only of those that have been claimed: that have our finalizer,
// so that nobody else's removal goes unnoticed; whose host key was verified, so that what is known of them came from them;
// and that are not being deleted. Where two of them claim one node, neither does.
//
// A verdict to approve is reached twice: from the cache, and once more from the hosts as the API server has them, since a
// certificate cannot be taken back and a cache may not have seen yet that a host was. Whatever is not approved is left
// alone. If it has to do with one of our hosts, that is told as an event of the host, once.
package approver
