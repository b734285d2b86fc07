// Package lint tells what would become of the Windows pods in manifests, without a cluster.
//
// It is pure: manifests, policies and what is known of images come in, a [Report] comes out. The answer is that of
// [policy.Evaluate], told in the words of the webhook that warns about workload objects, so that neither can say
// what the other does not.
//
// What only a cluster knows is assumed:
//
//   - Every build that a policy lists has a Ready node, or just those builds that the user names.
//   - A node has whatever label a pod selects it by, beyond those that say its operating system, its
//     architecture and its build: whether it does is for the scheduler to find out.
//   - No node has taints, and a node that a pod names exists.
//   - The RuntimeClasses and Namespaces are those among the manifests, beside the RuntimeClasses that the policies
//     ask for. A namespace that is not among them has the labels that the user gives, and its name.
package lint
