package guest

import "time"

// Shutdown is the message that shutdown.exe leaves in ShutdownFile. Whoever runs the host carries it out.
type Shutdown struct {
	// Restart is false when the host is to stay off.
	Restart bool `json:"restart"`
	// At is when to do it.
	At time.Time `json:"at"`
}
