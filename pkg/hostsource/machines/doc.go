// Package machines makes WindowsHosts of the Windows machines of a machine API, such as those of OpenShift and Cluster API,
// which differ in little more than names: an [API] says in what. Machines are read as unstructured objects, so that no
// machine API is a dependency.
//
// # From Machine to WindowsHost
//
// A Machine has a WindowsHost from when it runs, and has an address, until it is being deleted. Then nobody is to log in to
// it any more: the machine API drains the node, deletes it, and destroys the machine, for which its kubelet has to keep
// running. So the WindowsHost gets the annotation mullion.dev/orphan before it is deleted, and nothing is taken off the
// host.
//
// A Machine is gone only if the API server says so of this very Machine. A machine API that is not served, or cannot be
// asked, takes no host with it.
//
// # When it runs
//
// A cluster may get a machine API, or lose it, at any time. A [Source] looks for it now and then, and works while it is
// there, with the newest of the versions that it knows.
package machines
