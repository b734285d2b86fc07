// Package policy decides where a Windows pod may run.
//
// It is pure: no client, no clock, no log, no I/O. [Evaluate] is called by the admission webhook, the
// policy API, the command line and the rollout gate alike, so that they cannot disagree. A denial is a
// value in the [Decision]; an error means that the question could not be evaluated.
//
// The algorithm, for one request:
//
//  1. The policy: of those whose selectors match the namespace and the object, the one with the highest
//     priority, then the first by name. No policy, no opinion: nothing is touched.
//  2. The candidates: every build that the policy lists, in its order of preference. Each is examined for
//     its state, for what the pod itself pins, for what every image can run on, and for what the live
//     nodes offer; each says why it fits or why not.
//  3. The choice: of the candidates that fit, those with a Ready node that the pod can be bound to come
//     first, then builds that are scaled from zero, then builds without a Ready node; among equals the
//     policy's order decides.
//  4. The edits that make the scheduler agree: node selectors, a RuntimeClass, and tolerations for the
//     taints that those nodes carry. Where no candidate fits, the denial: what is wrong, where, and the
//     one change that fixes it.
//
// Everything that is the same for every request — policies, nodes, RuntimeClasses — is compiled once into
// an immutable [Snapshot] when it changes. A decision costs microseconds and grows neither with the
// number of nodes nor with the number of policies.
package policy
