// Package plan computes what has to be done to a host: a pure function of what is desired, what was observed and what
// is ours. It calls nothing, so what is printed is what would be done, and it can be tested for any host.
//
// Every resource becomes steps of a graph: it is set; a service is also stopped before and started afterwards; what
// is no longer desired is deleted. Edges come from declarations and from what is evident: a file needs its directory,
// a service its program. Steps that change nothing stay in the graph, to carry order from their predecessors to their
// successors, and are left out of the result. Of the steps that could come next, the one that interrupts least is
// taken, so services stop late and start early; the rest of the order is by kind and name, not by the input.
package plan
