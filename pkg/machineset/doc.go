// Package machineset judges sets of Windows machines before they make any: MachineSets of OpenShift, and MachineSets and
// MachineDeployments of Cluster API. What is wrong with them shows late otherwise, as machines that are made, cost money,
// and never become nodes.
//
// [Validate] is pure, and reads the objects without their types, so that no machine API is a dependency. What platforms
// demand is a table. A set that is for no Windows machines is let be, and so is one that says by the label
// windowsmachineconfig.openshift.io/ignore that it is somebody else's.
package machineset
