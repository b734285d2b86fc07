// Package demo shows Mullion at work, to a person and to continuous integration: a real control plane with
// hollow nodes of three Windows builds, a registry, the programs under their own RBAC, and a story of workloads
// that are applied as developers apply them. It ends in a table of what became of each.
//
// Every cell of the table comes from the cluster. The story, in the folder of that name, also says what is to
// be expected, and Run fails where the cluster disagrees.
package demo
