// Package protocol is how a node manager talks to the agent on a host: one request as JSON on standard input, lines of
// JSON on standard output, of which the last one is the result, and an exit code that says the same in a number.
//
// A connection that breaks loses lines and no work: the manager asks again, and the agent goes on from what the host
// is by then.
package protocol
