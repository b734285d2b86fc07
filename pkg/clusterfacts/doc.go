// Package clusterfacts finds out what a node has to know of its cluster.
//
// Everything is asked of the API: where installers have written it down for nodes, such as the ConfigMaps cluster-info and
// kubeadm-config or OpenShift's configuration, and else where it shows. No cluster tells everything in one place, and some
// do not tell all of it; so an administrator may give each of the facts himself, and an error names what is not known, all
// of it at once, with the flag that gives it.
package clusterfacts
