// Package memhost is a Windows host in memory: enough of one for everything of the agent that is not a call of
// Windows to run, and to go wrong, anywhere.
//
// What it is strict about is what a careless agent would get away with on a quiet machine. Content that was not
// synced and settings that were not flushed are lost with the power. A program that runs cannot be replaced, only
// renamed. A service does not stop while others depend on it, and not everybody lets go of one that is deleted. And
// it can be cut off before any single operation that changes something.
package memhost
