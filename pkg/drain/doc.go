// Package drain moves pods off a node, a step at a time, and says what keeps those that stay.
//
// Which pods have to go, and which live and end with their node (those of DaemonSets, and those that kubelet makes from
// files), is decided by the filters of kubectl drain. What may go is evicted through the eviction API, with the pod's own
// grace period, so that PodDisruptionBudgets hold. Nothing waits: [Drainer.Step] evicts what can be evicted now and
// returns, and whoever wants the node empty calls it again every few seconds. All that it goes by is in the cluster, so
// that it may be called by another process the next time, and any number of times.
//
// A node that this package has cordoned carries the annotation [v1alpha1.AnnotationCordonedBy], which is written and
// removed with the cordon, in one patch. A cordon without it is an administrator's: it is neither claimed nor undone.
// Somebody who cordons a node that is cordoned already changes nothing about it, and so cannot be told from nobody; who
// wants a cordon to outlast the drain removes the annotation, and the cordon is theirs.
package drain
