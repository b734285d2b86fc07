// Package policystatus shows of each policy what the cluster makes of it: its builds with their nodes and the workloads
// that depend on them, how far the hosts are that live under it, and the conditions Ready, Accepted,
// RuntimeClassesReady, Overlapping, HostsUpToDate and WorkloadsCounted.
//
// [Compute] is pure. [Reconciler] applies what it computes to the status subresource, by server-side apply
// and only where something changed, and records an event for each change of a condition that an
// administrator should hear of. Who depends on a build is counted by package census, whose failure concerns no other
// part of the status.
package policystatus
