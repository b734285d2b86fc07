// Package apply carries out plans. It is the only package that changes a host.
//
// Before a resource is changed, the journal says that it is ours and what was there before; after it was changed, it
// is read again and compared with what is desired. There is no other record of progress: whoever comes after an
// interruption plans anew from what the host is by then, and finds less to do. What makes that right is the order of
// things that become durable: ownership before the change, and the change before ownership ends.
package apply
