// Package hostpolicy says under which policy a host lives, and what that makes of it. It is pure.
//
// The build of a host is a fact, and the policy follows from it in the order in which pods find theirs: the highest
// priority, then the first name. A host can name its policy, and a configuration of its own.
//
// A policy that is not valid keeps its hosts, and they stay as they are: were they to fall to the next policy, a
// slip of the pen in one would reconfigure every host of another.
package hostpolicy
