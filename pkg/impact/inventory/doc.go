// Package inventory reads the running Windows pods of a cluster, and what they are made from, into workloads.
//
// Everything is listed once, in pages: namespaces (their metadata only), pods, and of the controllers that own a
// Windows pod the ReplicaSets, StatefulSets, DaemonSets, Jobs and ReplicationControllers. Of a page only what
// placement depends on outlives the next, so that memory grows with the number of workloads rather than with the
// objects of the cluster. Nothing is watched.
//
// The cost at the API server is one request for every [PageSize] objects of the cluster of each of these kinds. Where
// there are few Windows nodes, pods are listed node by node instead, so that a large Linux cluster with a few Windows
// nodes is not read as a whole; where a kind has few controllers of Windows pods, they are read one by one.
//
// [CollectNodes] reads what would have to leave some nodes: one list of pods for each node, and of everything else only
// what these pods belong to.
package inventory
