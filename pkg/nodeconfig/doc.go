// Package nodeconfig turns a WindowsNodeConfig into what a host shall be.
//
// [Desired] is a pure function: the same configuration, bundle, cluster and host always give the same desired state,
// and nothing is asked while it thinks. What is not known yet, because the node has to join before somebody gives it
// a subnet, is not an error: the result says what it is still waiting for, and has everything else.
//
// Errors are lists of fields of the WindowsNodeConfig, so that whoever wrote it knows where to look; what is wrong
// with the cluster or the host is said of the field that cannot be fulfilled for it.
package nodeconfig
