// Package gate decides whether nodes may be taken out of service: only if every pod on them has somewhere to go.
//
// The pods that would have to leave are gathered into workloads, and each is asked of [policy.Evaluate], the function
// that admission calls, in the cluster without the nodes; see package impact. So the gate and the webhook that will see
// the pods again cannot disagree about the same state of the cluster. The pods, what they are made from and their
// namespaces are read from the API server at the time of asking; policies, nodes and RuntimeClasses are those of the
// snapshot that the program follows.
//
// What counts as somewhere to go is what counts in all of this project: a node that is left, that the pod selects and
// whose taints it tolerates, of a build that the policy lets it onto and that runs its images, or a build that is scaled
// from zero. It need not be available: a node that is not Ready, or is cordoned, counts, because an outage ends, and how
// many nodes may be out at once is the business of the rollout's limits. So the last Ready node of a build may go while
// others of the build are away, and the pods wait for these. Two things are stricter than where workloads are merely
// counted; see [impact.Comparison.JudgeEvicted].
//
// Pods for which no policy is in force, or that do not say that they are for Windows, are not judged, and keep no node.
// Nor do those that live and end with the node: of DaemonSets, and those that kubelet makes from files. Whether the
// nodes that are left have room for the pods is the scheduler's business, and not asked.
package gate
