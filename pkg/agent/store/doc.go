// Package store keeps, on the host, what the agent has to know after it has ended, however it ended: which resources
// are ours, what they replaced, which content was uploaded, and the last desired state.
//
// The manifest is replaced as a whole and seldom. What changes in between is appended to a journal, each line synced
// before the host is changed: ownership is written ahead. So whatever the agent has changed, it knows to be its own,
// and the original of whatever it has replaced is kept, at every moment. A journal carries the generation of the
// manifest that it continues; with the next manifest it is void, and so it does not matter that the two cannot be
// replaced in one step.
//
// Everything is below one directory to which only SYSTEM and Administrators have access.
package store
