package remote

import "github.com/mullion-dev/mullion/pkg/agent/protocol"

// Event is something that happens meanwhile. Exactly one field is set.
type Event struct {
	// Upload is a file on its way to the host.
	Upload *Upload
	// Progress is what the agent tells.
	Progress *protocol.Progress
}

// Upload is how far a file is, in bytes.
type Upload struct {
	// What is the file in a word or two, for a person.
	What       string
	Done, Size int64
}
