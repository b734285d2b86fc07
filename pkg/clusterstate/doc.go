// Package clusterstate turns the objects of a cluster into the snapshot that decisions are made from, and
// keeps it up to date.
//
// A [Tracker] listens to the informers of nodes, policies and RuntimeClasses, and of namespaces where
// admission needs their labels. It keeps of each object what placement depends on, so that an update that
// changes nothing else, such as a node's heartbeat, is dropped on arrival. What did change is compiled, part
// by part, and published as a new immutable [policy.Snapshot] by swapping one pointer: whoever decides loads
// the pointer once and is never held up.
//
// Policies and RuntimeClasses are published at once. Nodes change in storms, when a zone fails or a fleet is
// rolled over, so they are compiled at most once per [NodeInterval]: the first change at once, those that
// follow together. A fleet so large that compiling it takes long is compiled less often.
//
// A policy that does not compile is left out and logged, and its own status says why; the others stay in
// force. The same objects give the same snapshot, in whatever order they arrived.
package clusterstate
