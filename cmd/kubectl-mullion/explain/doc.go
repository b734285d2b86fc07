// Package explain is the subcommand that asks a cluster's policy server where the pods of objects would run, and
// shows the answer with its reasons.
package explain
