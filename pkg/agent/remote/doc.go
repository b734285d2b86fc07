// Package remote speaks to the agent of a host over SSH: it brings the agent there, hands it a request, and returns its
// result; and it brings whatever content the agent lacks.
//
// What the agent finds in the way, or fails at, is part of the result. An error means that there is no result: the host
// was not reached, the connection broke, or what answered is not the agent. Asking again is always right, because the
// agent goes on from what the host is by then.
package remote
