// Package fleet is the subcommand that shows the Windows builds of a cluster with their nodes, pods and policies, and
// which running workloads a change would strand.
package fleet
