// Package policystatus shows of each policy what the cluster makes of it: its builds with their nodes, and
// the conditions Ready, Accepted, RuntimeClassesReady and Overlapping.
//
// [Compute] is pure. [Reconciler] applies what it computes to the status subresource, by server-side apply
// and only where something changed, and records an event for each change of a condition that an
// administrator should hear of.
package policystatus
