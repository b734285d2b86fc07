package admission

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
)

// review asks the reviewer, and makes an error of its panic: one bad request must not take the others with it.
func review(ctx context.Context, reviewer Reviewer, request *Request) (response Response, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &panicError{reason: reason, stack: debug.Stack()}
		}
	}()
	return reviewer.Review(ctx, request)
}

// panicError is a panic of a reviewer. Its text is for the log and not for users: it may hold anything.
type panicError struct {
	reason any
	stack  []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic: %v", e.reason) }

// stackOf is where a panic happened, for the log.
func stackOf(err error) string {
	if panicked := (*panicError)(nil); errors.As(err, &panicked) {
		return string(panicked.stack)
	}
	return ""
}
