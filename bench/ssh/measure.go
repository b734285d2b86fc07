package main

import (
	"context"
	"fmt"
	"time"

	"github.com/mullion-dev/mullion/bench/internal/paired"
)

// measure lets the contenders take turns, and returns the rates of each in MB/s, one for each round.
func measure(ctx context.Context, s *scene, contenders []contender, rounds int) ([][]float64, error) {
	rates := make([][]float64, len(contenders))
	err := paired.Rounds(ctx, rounds, len(contenders), func(i int) error {
		if err := s.clear(); err != nil {
			return err
		}
		began := time.Now()
		if err := contenders[i].upload(ctx); err != nil {
			return fmt.Errorf("%s: %w", contenders[i].title, err)
		}
		took := time.Since(began)
		rates[i] = append(rates[i], float64(s.size)/1e6/took.Seconds())
		return s.check()
	})
	return rates, err
}
