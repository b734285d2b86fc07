// Package impact tells which running workloads a change of the cluster would strand: which pods, once made again,
// would have nowhere to go.
//
// Running pods are grouped into workloads ([Population]): pods of one owner that would be made again in the same way.
// A workload is judged once, by [policy.Evaluate], in two snapshots: the cluster as it is and as it might be
// ([Comparison], [Dependents]). Hence ten thousand pods cost what their few hundred templates cost.
//
// What would be made again is the controller's template, not the pod: a running pod carries the selectors that it was
// placed with, and would always be found to be bound to its build. Where there is no template, because nothing owns
// the pod or the owner is of a kind that is not known, it is the pod as it was before it was placed; see
// [policy.Snapshot.BeforePlacement]. What other webhooks add to pods when they are made is not seen in templates.
//
// A workload is stranded where the policy in force refuses its template, or where no build that fits has a node which
// would take the pods, whether or not that node is available just now, and none of them is scaled from zero. An
// outage strands nothing. The modes Warn and Audit are judged like Enforce: they put a refusal off, they do not make
// the image run. Capacity is not judged: a node that would take one pod is taken to have room for all.
//
// The pods of a DaemonSet live and end with their nodes. It is stranded only where its template selects a node that
// is left and no such node can run its pods; one that selects no node any more has nothing to do, and has ended.
//
// The package asks nobody but the registries, through [Images]; package inventory reads the cluster.
package impact
