// Package hostsource keeps the WindowsHosts that come from somewhere else: from a list of hosts that administrators keep,
// or from the machines of a machine API. Its folders are the sources; what they have in common is here.
//
// A source makes WindowsHosts, changes what it has set in them, and deletes them. Nothing else: what becomes of a host is
// the host reconciler's, and a host that is deleted is given back by the finalizer of that.
//
// # Whose a WindowsHost is
//
// It belongs to the source that its label mullion.dev/source names. One without the label is an administrator's, and one
// with another value another source's: neither is changed or deleted here, so taking the label away is how to take a host
// over. There are no owner references, because a garbage collector would tear hosts down with their list.
//
// Server-side apply sets the fields that the source knows of, and no others: an administrator may add to such a host
// whatever a source does not say, such as a port, a jump host, or that it is paused.
package hostsource
