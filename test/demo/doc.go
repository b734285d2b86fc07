// Package demo shows Mullion at work, to a person and to continuous integration: a real control plane, Windows hosts of three
// builds under Wine that become its nodes,
// a registry, the programs under their own RBAC, and a story of workloads
// that are applied as developers apply them, with a table of what became of each. Then a build is retired, and its host
// taken across without an outage. Where there can be no Windows hosts, nodes are only objects, and that part is left out.
//
// Every cell of the table comes from the cluster. The story, in the folder of that name, also says what is to
// be expected, and Run fails where the cluster disagrees.
package demo
