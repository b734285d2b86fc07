package paired

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEachRoundStartsWithAnotherContender(t *testing.T) {
	var turns []int
	err := Rounds(t.Context(), 4, 3, func(contender int) error {
		turns = append(turns, contender)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{0, 1, 2, 1, 2, 0, 2, 0, 1, 0, 1, 2}, turns); diff != "" {
		t.Error(diff)
	}
}

func TestTheFirstErrorEndsTheRounds(t *testing.T) {
	broken := errors.New("broken")
	turns := 0
	err := Rounds(t.Context(), 2, 2, func(contender int) error {
		if turns++; contender == 1 {
			return broken
		}
		return nil
	})
	if !errors.Is(err, broken) || turns != 2 {
		t.Errorf("got %v after %d turns", err, turns)
	}
}

func TestNobodyGetsATurnAfterAnInterruption(t *testing.T) {
	interrupted := errors.New("interrupted")
	ctx, interrupt := context.WithCancelCause(t.Context())
	turns := 0
	err := Rounds(ctx, 5, 2, func(int) error {
		turns++
		interrupt(interrupted)
		return nil
	})
	if !errors.Is(err, interrupted) || turns != 1 {
		t.Errorf("got %v after %d turns", err, turns)
	}
}

func TestQuantilesAreNearestRanks(t *testing.T) {
	values := []float64{5, 1, 4, 2, 3}
	for share, want := range map[float64]float64{0: 1, 0.5: 3, 0.99: 5, 1: 5} {
		if got := Quantile(values, share); got != want {
			t.Errorf("want %v at %v, got %v", want, share, got)
		}
	}
}

func TestRatiosAreOfTheSameRound(t *testing.T) {
	// The second round was disturbed, and both contenders with it.
	got := Ratios([]float64{20, 200, 20}, []float64{10, 100, 10})
	if diff := cmp.Diff(Quartiles{Low: 2, Median: 2, High: 2}, got); diff != "" {
		t.Error(diff)
	}
}
