// Package census keeps count of the running pods that depend on each build of each policy.
//
// A [Census] reads the cluster's workloads at an interval ([inventory.Collect]) and keeps them in their compact form.
// From what it has, it counts again whenever the policies, nodes or RuntimeClasses have changed, without reading
// anything but the images that it does not know yet. Hence the cost at the API server does not depend on how much the
// cluster is changed, and a change of a policy shows within seconds although the pods are read every few minutes.
//
// What keeps it from counting is part of the result ([Count.Problem]); the last count stays. It is published only
// when it differs, so that whoever follows it has nothing to do in a cluster that does not change.
package census
