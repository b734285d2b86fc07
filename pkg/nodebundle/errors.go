package nodebundle

import (
	"fmt"
	"time"
)

// PendingError tells that a bundle is on its way. Whoever needs it asks again in a while.
type PendingError struct {
	// Reference is the bundle's.
	Reference string
	// Since is for how long it has been on its way.
	Since time.Duration
}

func (e *PendingError) Error() string {
	return fmt.Sprintf("node bundle %s is being fetched, since %s ago", e.Reference, e.Since.Round(time.Second))
}
