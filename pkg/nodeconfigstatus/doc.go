// Package nodeconfigstatus shows of each WindowsNodeConfig how many hosts are to have it and have it, who names it, and
// whether hosts can be given it: whether its bundle is named as it must be, and its kubelet is one that the API servers
// of the cluster can have. Where no host has it, and one could not be given it because of what it says, that is shown.
//
// [Compute] is pure. [Reconciler] applies what it computes to the status subresource, by server-side apply and only
// where something changed. Whether the bundle can be pulled, and fits a host, is found by the hosts that are given it.
package nodeconfigstatus
