// Package hollow keeps Node objects alive without machines: each hollow node is registered as a kubelet
// would register it, renews its lease and reports its status on a kubelet's schedule, and answers for the
// pods bound to it. A Fleet of many nodes shares a few goroutines and two watches.
//
// A hollow node can be made to fall silent, so that the real node lifecycle controller taints it and evicts
// its pods, or to report that it is not ready.
//
// What a hollow node does for a pod that the scheduler bound to it: it refuses a pod of another operating
// system, as kubelet does; reports the pod as running, if the fleet was asked to; and completes its deletion.
// There are no containers, so logs and exec do not work.
package hollow
