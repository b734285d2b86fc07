package closedloop

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"
)

func TestAsManyRequestsAreInFlightAsThereAreLoops(t *testing.T) {
	const loops = 3
	var inFlight atomic.Int32
	full := make(chan struct{})
	took, err := Run(t.Context(), loops, 10*time.Millisecond, func(context.Context) error {
		if inFlight.Add(1) == loops {
			close(full)
		}
		<-full // So that nobody is answered before all have asked.
		return nil
	})
	if err != nil || len(took) < loops {
		t.Errorf("got %d answers and %v", len(took), err)
	}
}

func TestAnErrorEndsItsLoop(t *testing.T) {
	broken := errors.New("broken")
	took, err := Run(t.Context(), 1, time.Hour, func(context.Context) error { return broken })
	if !errors.Is(err, broken) || len(took) != 1 {
		t.Errorf("got %d answers and %v", len(took), err)
	}
}
